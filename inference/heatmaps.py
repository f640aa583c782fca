"""Heat maps of predictions: drawn by a worker, of the first cases of the worklist with their predictions, of others when
a page asks; kept beside the prediction in the database (a few kilobytes each), so that both go together."""

from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image

from accounts.said import Said
from annotation.models import Case
from archive.models import Instance
from inference.explain import Looked, beyond, explain, over_image, png_of
from inference.looked import through
from inference.models import HeatMap, Prediction
from jobs.runner import Running
from training import crops, loading
from training.engine.examples import AnySlot
from training.engine.model import Model
from training.inputs import embeddings, images, pictures
from training.models import ModelVersion
from training.pictures import Bag, Failures
from training.reading import training_of
from training.volumes import Volume

At = tuple[str, int]  # SOP instance UID and frame, from 1
AHEAD = 100  # cases: what a few readers come to before the next training


class Drawn(NamedTuple):
    slot: str
    at: At
    png: bytes


def draw_first(running: Running, version: ModelVersion) -> None:
    """Of the cases that are read next."""
    waiting = Prediction.objects.filter(
        model=version, case__state=Case.State.WAITING, heatmaps__isnull=True
    ).exclude(looked={})
    first = list(waiting.order_by("-case__priority", "case")[:AHEAD])
    for at, prediction in enumerate(first):
        text = f"Heat maps: {at} of {len(first)} cases"
        running.progress(1.0, Said(text, "heatmaps_drawn", done=at, of=len(first)))
        draw(version, prediction)


def draw(
    version: ModelVersion, prediction: Prediction, at: At | None = None, *, apart: bool = False
) -> None:
    """All slots of one prediction, each on the picture that it names; or, on the one picture `at`, those that have a map
    of every picture. Nothing where the pictures can no longer be read."""
    model = loading.load(version)
    bag = pictures([prediction.case_id], training_of(version)).get(prediction.case_id, ())
    read = _Read(model, bag, apart=apart)
    maps = [
        HeatMap(prediction=prediction, slot=slot, image=image, frame=frame, png=png)
        for slot, (image, frame), png in _drawn(read, prediction, at, apart=apart)
    ]
    HeatMap.objects.bulk_create(maps, ignore_conflicts=True)


def _drawn(read: "_Read", prediction: Prediction, at: At | None, *, apart: bool) -> Iterator[Drawn]:
    model, looked = read.model, _looked(prediction)
    if read.bag and isinstance(read.bag[0], Volume):
        yield from _of_volume(read, read.bag[0], prediction, everywhere=at is not None)
        return
    slots: list[AnySlot] = [*model.answered_places, *([] if at else model.slots)]
    for slot in slots:
        if where := at or looked.get(slot.name):
            yield from read.drawn(slot, slot.name, prediction, where)
    if model.staged is not None and read.bag and at is None:
        parts = crops.read(model.staged, read.bag, prediction.slots)
        for name in parts.keys() & looked.keys():
            inner, part = parts[name]
            of = _Read(model.staged.inner, (part,), apart=apart)
            yield from of.drawn(inner, name, prediction, looked[name])


def _looked(prediction: Prediction) -> dict[str, At]:
    return {slot: (one["image"], one["frame"]) for slot, one in prediction.looked.items()}


class _Read:
    """The readable pictures of a case with all that a map needs of them."""

    def __init__(self, model: Model, bag: Bag, *, apart: bool) -> None:
        assert model.encoder is not None
        failures: Failures = {}
        self.model, self.squares = model, images(bag, _quietly, failures, apart=apart)
        embedded = embeddings(bag, model.encoder, _quietly, failures, apart=apart)
        self.bag = tuple(picture for picture in bag if picture.key not in failures)
        self.embeddings = embedded.rows([picture.key for picture in self.bag])

    def drawn(self, slot: AnySlot, name: str, prediction: Prediction, at: At) -> Iterator[Drawn]:
        """What `slot` says under that name. Of a picture that is not read it is the map of the one that stands for it."""
        said = prediction.slots.get(name)
        for number, one in enumerate(self.bag if said else ()):
            place = one.place
            if said and at in place.names:
                [square] = self.squares.rows([one.key])
                found = explain(self.model, Looked(square, self.embeddings, number), slot, said)
                size = (one.size, place.rows, place.columns)
                lies = beyond(self.model, slot)
                png = over_image(found, *size, mirror=one.mirror, crop=one.crop, beyond=lies)
                yield Drawn(name, at, png)
                return


def _of_volume(
    read: _Read, volume: Volume, prediction: Prediction, *, everywhere: bool
) -> Iterator[Drawn]:
    """Each slot on the slice that it names, or on all: one map of the volume gives them."""
    assert volume.stack is not None
    [block] = read.squares.rows([volume.key])
    looked, slices = _looked(prediction), volume.stack.slices
    rows = Instance.objects.filter(pk__in={one.instance for one in slices})
    names = dict(rows.values_list("pk", "sop_instance_uid"))
    for slot, maps in through(read.model, volume, block, read.embeddings, prediction.slots).items():
        for one, found in zip(slices, maps, strict=True):
            at = (names[one.instance], one.frame + 1)
            if everywhere or at == looked.get(slot):
                yield Drawn(slot, at, png_of(Image.fromarray(found)))


def _quietly(done: int, of: int) -> None:
    """Of one case nothing is told."""
