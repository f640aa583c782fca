"""The current model's answer to every case that still waits to be read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from annotation.catalogue import current_form
from annotation.when import closed
from inference.keep_current import lacking
from inference.models import Prediction
from jobs.events import announce
from training import loading, places
from training.covering import honest
from training.engine.model import Model
from training.engine.pooling import Bags
from training.models import ModelVersion
from training.pictures import ALL, Bag, Failures, embeddings, pictures

Report = Callable[[int, int], None]  # cases done, of how many
Slots = dict[str, dict[str, Any]]
BATCH = 200  # predictions of one picture each between two announcements


@dataclass(frozen=True)
class Outcome:
    predicted: int
    unreadable: int


def predict_open_cases(version: ModelVersion, report: Report) -> Outcome:
    """Predict all waiting cases that lack it, batch by batch; older models' predictions of them are replaced.

    Each batch is kept and announced at once, so that pages see them appear; stopping in between loses nothing.
    A case whose image cannot be read gets a prediction without slots: nothing is shown, and it is not tried again.
    Once another model is current it stops: its own predictions would only replace newer ones.
    Raises training.weights.BadWeights when the model's file is missing or damaged.
    """
    model = loading.load(version)
    form = current_form(version.task)
    training = {**(form.content["training"] if form else {}), "size": model.size}
    wanted = list(lacking(version).order_by("-priority", "pk").values_list("pk", flat=True))
    predicted = unreadable = 0
    batch = BATCH if training.get("images") != ALL else BATCH // 20  # a stack is many pictures
    for at in range(0, len(wanted), batch):
        if not _is_current(version):
            break
        part = wanted[at : at + batch]

        def so_far(done: int, _: int, before: int = at) -> None:
            report(before + done, len(wanted))

        found = _predict(model, pictures(part, training), so_far)
        slots = {case: honest(version.metrics, of) for case, of in found.items()}
        _keep(version, part, slots, form.content["fields"] if form else [])
        predicted += len(slots)
        unreadable += len(part) - len(slots)
        report(at + len(part), len(wanted))
    return Outcome(predicted, unreadable)


def _is_current(version: ModelVersion) -> bool:
    return ModelVersion.objects.filter(pk=version.pk, state=ModelVersion.State.CURRENT).exists()


def _predict(model: Model, found: Mapping[int, Bag], report: Report) -> dict[int, Slots]:
    """Predictions by case; of a case without one readable picture there is none."""
    assert model.encoder is not None
    failures: Failures = {}
    wanted = [picture for bag in found.values() for picture in bag]

    def in_cases(done: int, total: int) -> None:
        report(done * len(found) // max(1, total), len(found))

    cache = embeddings(wanted, model.encoder, in_cases, failures)
    good = {
        case: tuple(picture for picture in bag if picture.key not in failures)
        for case, bag in found.items()
    }
    good = {case: bag for case, bag in good.items() if bag}
    if not good:
        return {}
    answers = model.predict_embeddings(
        Bags.of([cache.rows([picture.key for picture in bag]) for bag in good.values()])
    )
    marked = places.mark(model, list(good.values()), in_cases)
    both = (one | other for one, other in zip(answers, marked, strict=True))
    return dict(zip(good, both, strict=True))


@transaction.atomic
def _keep(
    version: ModelVersion,
    cases: Sequence[int],
    slots: Mapping[int, Slots],
    fields: Sequence[Mapping[str, Any]],
) -> None:
    Prediction.objects.filter(case__in=cases).exclude(model=version).delete()
    Prediction.objects.bulk_create(
        [
            Prediction(
                case_id=case,
                model=version,
                slots=slots.get(case, {}),
                uncertainty=_uncertainty(fields, slots.get(case, {})),
            )
            for case in cases
        ],
        ignore_conflicts=True,  # a second worker after a lost lease writes the same
    )
    announce(version.task.topic, "predictions", version.pk)


def _uncertainty(fields: Sequence[Mapping[str, Any]], slots: Slots) -> float:
    """That of the slot which is least sure, among those that would be asked if the predictions were the answers."""
    answers = {name: {"state": "answered", "value": of["value"]} for name, of in slots.items()}
    shut = closed(fields, answers)
    return max((of["uncertainty"] for name, of in slots.items() if name not in shut), default=0.0)
