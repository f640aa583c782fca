"""What the current model says of images that are not in the archive, and never come into it.

They pass through the same inspection and preparation as files that are taken in, and through the same network: the same
pixels give the same answer as the pre-annotation of a case.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from accounts.models import User
from accounts.said import Said, part, said_by
from annotation import covariates, seen
from annotation.case_rule import Rule
from annotation.cases import rule_of
from annotation.hung import said_of
from annotation.images import Image, by_place, image_of
from annotation.models import Case, Task
from annotation.volumes import VOLUME
from archive.models import Instance
from archive.pixels import Undecodable
from archive.policy import policy
from archive.prepare import Prepared
from archive.receive import folder, forget_bytes
from archive.refused import Refused as BadFile
from archive.sandbox import shared
from archive.secondary_capture import is_picture
from inference import outside_fit
from inference.outside_fit import Sent
from inference.predict import say
from inference.unasked import not_asked
from jobs.runner import Refused, Running
from training import crops, loading, promotion, volumes
from training.apart import planes, reader
from training.engine.encoder import Encoder
from training.models import ModelVersion
from training.pictures import FIRST, Bag, chosen, embedding_cache
from training.reading import training_of
from training.weights import BadWeights

NOTHING_SEEN = Said(
    "All pixels of what was sent are alike: there is nothing to see on it. Export the image again.",
    "outside_nothing_seen",
)
GONE = Said("What was sent is gone; send it again.", "outside_gone")
NO_MODEL = Said("The task has no model in use any more.", "outside_no_model")


def predict(
    running: Running, *, task_id: int, tokens: Sequence[str], laterality: str, by_id: int
) -> Callable[[], Mapping[str, Any]]:
    """The answer takes effect, and the files are gone, with the end of the job; who asked has then seen what the model
    says of those cases of the task that show one of the images."""
    task = Task.objects.get(pk=task_id)
    version = promotion.current(task)
    if version is None:
        raise Refused(NO_MODEL)
    running.progress(0.0, Said(f"Reading {len(tokens)} files", "reading_files", files=len(tokens)))
    files = [UUID(token) for token in tokens]
    try:
        sent = [_sent(number, token) for number, token in enumerate(files, start=1)]
        said = _said(version, sent, laterality, apart=running.attempt > 1)
    except (BadWeights, Refused) as problem:  # another try would not help
        forget_bytes(files)
        raise Refused(said_by(problem)) from problem
    answer = {
        "model": {"id": version.pk, "number": version.number, "weights": version.weights},
        "images": len(sent),
        "slots": said,
        "not_asked": not_asked(loading.load(version).fields, said),
    }

    def finish() -> Mapping[str, Any]:
        hashes = [one.instance.pixel_hash for one in sent]
        cases = Case.objects.filter(task=task, series__instances__pixel_hash__in=hashes)
        seen.record(User.objects.get(pk=by_id), cases.values_list("pk", flat=True))
        transaction.on_commit(lambda: forget_bytes(files))
        return answer

    return finish


def _sent(number: int, token: UUID) -> Sent:
    """Raises jobs' Refused with a sentence; the file's name stays out of it, for it may name a person."""
    try:
        data = (folder() / str(token)).read_bytes()
    except FileNotFoundError:
        raise Refused(GONE) from None
    if is_picture(data):
        picture = (
            f"File {number} is a PNG or JPEG picture; only DICOM is taken here: export it as DICOM."
        )
        raise Refused(Said(picture, "outside_picture", number=number))
    try:
        prepared = shared().prepare(data, hashlib.sha256(data).hexdigest(), policy())
    except BadFile as reason:
        why = Said(str(reason), f"file_{reason.code}")
        sentence = f"File {number} {reason}"
        raise Refused(Said(sentence, "outside_file", number=number, why=part(why))) from reason
    return _as_stored(number, prepared)


def _as_stored(number: int, prepared: Prepared) -> Sent:
    return Sent(
        Instance(pk=number, **prepared.instance),
        prepared.series["series_instance_uid"],
        prepared.series["modality"],
        prepared.series["laterality"],
        b"".join(bytes(part) for part in prepared.parts),
        prepared.patient["patient_id"],
    )


def _said(
    version: ModelVersion, sent: Sequence[Sent], laterality: str, *, apart: bool
) -> dict[str, dict[str, Any]]:
    model, training = loading.load(version), training_of(version)
    assert model.encoder is not None
    rule, sided = rule_of(version.task), bool(training.get("mirror"))
    side = outside_fit.side_of(sent, rule, laterality, sided=sided)
    by_number = {one.instance.pk: one for one in sent}
    read = _volume if training.get("images") == VOLUME else _pictures
    several = training.get("images", FIRST) != FIRST
    images = hung(sent, side, rule, several=several)
    bag, squares = read(images, training, by_number, apart)
    if squares.min() == squares.max():
        raise Refused(NOTHING_SEEN)
    [marked] = model.predict_places(squares, [[picture.place for picture in bag]])
    metadata = by_number[images[0].instance].instance.metadata
    beside = covariates.of_image(metadata, model.covariates.names)
    if model.staged is not None:
        cut, encoder = crops.cut(model.staged, bag, marked), model.staged.inner.encoder
        assert encoder is not None
        rows = _embeddings(cut, _squares(cut, by_number, apart=apart), encoder)
        marked |= crops.answer(model.staged, rows, beside)
    [said] = say(version, [_embeddings(bag, squares, model.encoder)], [marked], [beside])
    return said


def hung(sent: Sequence[Sent], side: str, rule: Rule, *, several: bool) -> list[Image]:
    """As the images of a case of the task (annotation/cases.py): by view, series in the order in which they were sent,
    within one by InstanceNumber and, where `several` are read, slices by their place. Views that the task does not ask
    of are left out, unless there is no other."""
    order = list(dict.fromkeys(one.series for one in sent))
    views = {one.instance.pk: _view(one.instance) for one in sent}
    wanted = [one for one in sent if views[one.instance.pk] in rule.views] or sent

    def place(one: Sent) -> tuple[int, int, bool, int, int]:
        view, number = views[one.instance.pk], one.instance.instance_number
        rank = rule.views.index(view) if view in rule.views else 0
        return rank, order.index(one.series), number is None, number or 0, one.instance.pk

    hang = sorted(wanted, key=place)
    first = list(dict.fromkeys(one.series for one in hang))
    hang.sort(key=lambda one: first.index(one.series))
    images = [
        image_of(
            one.instance,
            laterality=side,
            series=order.index(one.series),
            modality=one.modality,
        )
        for one in hang
    ]
    return by_place(images) if several else images


def _view(instance: Instance) -> str:
    return said_of(instance.metadata, instance.name_side, instance.markers)["view_position"]


def _pictures(
    images: Sequence[Image], training: Mapping[str, Any], sent: Mapping[int, Sent], apart: bool
) -> tuple[Bag, NDArray[np.uint8]]:
    """What is read of the images, and their squares (P, S, S); nothing is added to the cache."""
    bag = chosen(images, training)[0]
    if training.get("images", FIRST) == FIRST:
        bag = bag[:1]
    return bag, _squares(bag, sent, apart=apart)


def _squares(bag: Bag, sent: Mapping[int, Sent], *, apart: bool) -> NDArray[np.uint8]:
    found = []
    with reader(apart=apart) as read:
        for picture in bag:
            one = sent[picture.instance]
            try:
                found.append(read(one.instance, picture.cut, one.data))
            except Undecodable as problem:
                raise Refused(_undecodable(picture.instance, problem)) from problem
    return np.stack(found)


def _undecodable(number: int, problem: Undecodable) -> Said:
    return Said(f"File {number}: {problem}", "outside_undecodable", number=number, why=str(problem))


def _volume(
    images: Sequence[Image], training: Mapping[str, Any], sent: Mapping[int, Sent], apart: bool
) -> tuple[Bag, NDArray[np.uint8]]:
    """As _pictures: one volume, (1, D, H, W)."""
    metadata = {number: one.instance.metadata for number, one in sent.items()}
    [volume] = volumes.chosen(images, metadata, training).values()
    if volume.problem:
        why = f"What was sent {volume.problem}"
        raise Refused(Said(why, "outside_no_volume", why=part(volume.problem)))
    with planes(apart=apart) as read:

        def plane(number: int, frame: int) -> NDArray[Any]:
            try:
                return read(sent[number].instance, frame, sent[number].data)
            except Undecodable as problem:
                raise Refused(_undecodable(number, problem)) from problem

        return (volume,), volumes.block(volume, plane)[None]


def _embeddings(bag: Bag, squares: NDArray[np.uint8], encoder: Encoder) -> NDArray[np.float32]:
    """(P, width), from the cache where the archive has the same pixels; nothing is added to it."""
    cache = embedding_cache(encoder)
    new = set(cache.missing([picture.key for picture in bag]))
    fresh = [place for place, picture in enumerate(bag) if picture.key in new]
    found: NDArray[np.float32] = np.empty((len(bag), encoder.width), dtype=np.float32)
    if fresh:
        found[fresh] = encoder.embed(squares[fresh])
    for place, picture in enumerate(bag):
        if picture.key not in new:
            found[place] = cache.rows([picture.key])[0]
    return found
