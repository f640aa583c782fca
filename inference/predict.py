"""The current model's answer to cases that still wait to be read."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, QuerySet
from numpy.typing import NDArray

from annotation import covariates
from annotation.catalogue import current_form
from annotation.images import has_image
from annotation.models import Case
from archive.models import Instance
from inference import quarantine
from inference.keep_current import lacking
from inference.looked import looked
from inference.models import Prediction
from inference.offered import offered
from jobs.events import announce
from training import crops, loading, places
from training.covering import honest
from training.engine.pooling import Bags
from training.inputs import embeddings, pictures
from training.models import ModelVersion
from training.pictures import FIRST, Bag, Failures, Picture
from training.reading import training_of
from training.volumes import Volume

Report = Callable[[int, int], None]  # cases done, of how many
Slots = dict[str, dict[str, Any]]
BATCH = 200  # predictions of one picture each between two announcements


@dataclass(frozen=True)
class Outcome:
    predicted: int
    unreadable: int


@dataclass
class Said:
    """What a model says of cases, by case; of one without a readable picture it says nothing, for a reason."""

    slots: dict[int, Slots] = field(default_factory=dict)
    looked: dict[int, dict[str, Picture]] = field(default_factory=dict)  # by slot
    failures: dict[int, str] = field(default_factory=dict)


def predict_open_cases(version: ModelVersion, report: Report, *, apart: bool = False) -> Outcome:
    """Predict all waiting cases that lack it, batch by batch; older models' predictions of them are replaced.

    Each batch is kept and announced at once, so that pages see them appear; stopping in between loses nothing.
    A case whose image cannot be read is tried again later, until quarantine.py says that it is enough; the others go on.
    `apart`: images are decoded in a process of their own (after a worker was lost over them).
    Once another model is current it stops: its own predictions would only replace newer ones.
    Raises training.weights.BadWeights when the model's file is missing or damaged.
    """
    wanted = list(lacking(version).order_by("-priority", "pk").values_list("pk", flat=True))
    predicted = unreadable = 0
    batch = (
        BATCH if training_of(version).get("images", FIRST) == FIRST else BATCH // 20
    )  # a stack is many
    for at in range(0, len(wanted), batch):
        if not _is_current(version):
            break
        part = wanted[at : at + batch]

        def so_far(done: int, _: int, before: int = at) -> None:
            report(before + done, len(wanted))

        said = predict(version, part, so_far, apart=apart)
        predicted += len(said.slots)
        unreadable += len(part) - len(said.slots)
        report(at + len(part), len(wanted))
    return Outcome(predicted, unreadable)


def predict(
    version: ModelVersion, cases: Sequence[int], report: Report, *, apart: bool = False
) -> Said:
    """Predict these cases and keep what was said; not where another model became current meanwhile, which may have said
    something of them already."""
    # before the pictures: what comes meanwhile is predicted anew
    shows = dict(Case.objects.filter(pk__in=cases).values_list("pk", "shows"))
    found = pictures(cases, training_of(version))
    pixels = {case: _pixels(bag) for case, bag in found.items()}
    known = quarantine.known(pixels)
    tried = {case: bag for case, bag in found.items() if not known.quarantined(case)}
    said = answers(version, tried, report, apart=apart or known.suspect)
    if form := current_form(version.task):
        said.slots = {case: offered(form.content, of) for case, of in said.slots.items()}
    with transaction.atomic():
        if not _stays_current(version):
            return said
        waits = quarantine.note(pixels, known, said.failures)
        there = set(Case.objects.filter(has_image(), pk__in=cases).values_list("pk", flat=True))
        _keep(version, {case: shows[case] for case in sorted(there - waits)}, said)
    return said


def _pixels(bag: Bag) -> str:
    return hashlib.sha256("\n".join(picture.key for picture in bag).encode()).hexdigest()


def answers(
    version: ModelVersion, found: Mapping[int, Bag], report: Report, *, apart: bool = False
) -> Said:
    """What the model says of the pictures of each case."""
    model = loading.load(version)
    assert model.encoder is not None
    failures: Failures = {}
    wanted = [picture for bag in found.values() for picture in bag]

    def in_cases(done: int, total: int) -> None:
        report(done * len(found) // max(1, total), len(found))

    cache = embeddings(wanted, model.encoder, in_cases, failures, apart=apart)
    good = {
        case: tuple(picture for picture in bag if picture.key not in failures)
        for case, bag in found.items()
    }
    said = Said(failures={case: failures[found[case][0].key] for case in good if not good[case]})
    good = {case: bag for case, bag in good.items() if bag}
    if not good:
        return said
    rows = [cache.rows([picture.key for picture in bag]) for bag in good.values()]
    bags = list(good.values())
    told = covariates.of_cases(good, model.covariates.names)
    beside = [told.get(case, {}) for case in good]
    marked = places.mark(model, bags, in_cases)
    cropped = crops.answers(model, bags, marked, beside, in_cases, {}, apart=apart)
    marked = [on | of for on, of in zip(marked, cropped, strict=True)]
    said.slots = dict(zip(good, say(version, rows, marked, beside), strict=True))
    said.looked = {
        case: looked(model, bag, of, said.slots[case], apart=apart)
        for (case, bag), of in zip(good.items(), rows, strict=True)
    }
    return said


def say(
    version: ModelVersion,
    embeddings: Sequence[NDArray[np.float32]],
    marked: Sequence[Slots],
    beside: Sequence[covariates.Told],
) -> list[Slots]:
    """What is kept and told of what the model says of cases, by the embeddings (P, width) of their pictures, what it
    marked on them and said of crops, and what is known of their patients."""
    answers = loading.load(version).answer(Bags.of(embeddings, beside), marked)
    return [honest(version.metrics, one) for one in answers]


def _is_current(version: ModelVersion) -> bool:
    return _current(version).exists()


def _stays_current(version: ModelVersion) -> bool:
    """As _is_current, until the end of the transaction: a promotion waits for it."""
    return _current(version).select_for_update(no_key=True).first() is not None


def _current(version: ModelVersion) -> QuerySet[ModelVersion]:
    return ModelVersion.objects.filter(pk=version.pk, state=ModelVersion.State.CURRENT)


def _keep(version: ModelVersion, shows: Mapping[int, int], said: Said) -> None:
    """Of the cases in `shows`. One without slots stands for what nobody tries any more: nothing is shown of it; one of
    which all images were held back meanwhile is left out, and is predicted once they are released."""
    names = _names(said)
    before = Prediction.objects.filter(case__in=shows)
    before.exclude(model=version, shows=F("case__shows")).delete()
    Prediction.objects.bulk_create(
        [
            Prediction(
                case_id=case,
                model=version,
                slots=said.slots.get(case, {}),
                looked={
                    slot: _place(one, names) for slot, one in said.looked.get(case, {}).items()
                },
                shows=showed,
            )
            for case, showed in shows.items()
        ],
        ignore_conflicts=True,  # a second worker after a lost lease writes the same
    )
    announce(version.task.topic, "predictions", version.pk)


def _place(one: Picture, names: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    """`series`: where there is a map of each of its images."""
    image, series = names[one.instance]
    place = {"image": image, "frame": one.frame + 1}
    return place | {"series": series} if isinstance(one, Volume) else place


def _names(said: Said) -> dict[int, tuple[str, str]]:
    """UIDs of the pictures that were looked at and of their series, by instance."""
    wanted = {one.instance for looked in said.looked.values() for one in looked.values()}
    rows = Instance.objects.filter(pk__in=wanted)
    named = rows.values_list("pk", "sop_instance_uid", "series__series_instance_uid")
    return {instance: (image, series) for instance, image, series in named}
