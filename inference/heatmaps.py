"""Heat maps of predictions: drawn by a worker, of the first cases of the worklist with their predictions, of others when
a page asks; kept beside the prediction in the database (a few kilobytes each), so that both go together."""

from collections.abc import Sequence

from annotation.models import Case
from inference.explain import Looked, explain, over_image
from inference.models import HeatMap, Prediction
from jobs.runner import Running
from training import loading
from training.engine.cache import ArrayCache
from training.engine.examples import AnySlot
from training.engine.model import Model
from training.inputs import embeddings, images, pictures
from training.models import ModelVersion
from training.pictures import Bag, Failures
from training.reading import training_of

At = tuple[str, int]  # SOP instance UID and frame, from 1
AHEAD = 100  # cases: what a few readers come to before the next training


def draw_first(running: Running, version: ModelVersion) -> None:
    """Of the cases that are read next."""
    waiting = Prediction.objects.filter(
        model=version, case__state=Case.State.WAITING, heatmaps__isnull=True
    ).exclude(looked={})
    first = list(waiting.order_by("-case__priority", "case")[:AHEAD])
    for at, prediction in enumerate(first):
        running.progress(1.0, f"Heat maps: {at} of {len(first)} cases")
        draw(version, prediction)


def draw(
    version: ModelVersion, prediction: Prediction, at: At | None = None, *, apart: bool = False
) -> None:
    """All slots of one prediction, each on the picture that it names; or those of places on the one picture `at`.

    Nothing where the pictures can no longer be read.
    """
    model = loading.load(version)
    bag = pictures([prediction.case_id], training_of(version)).get(prediction.case_id, ())
    found = _Read.of(model, bag, apart=apart)
    named = [(slot, at) for slot in model.dense_slots] if at else _looked(model, prediction)
    maps = [
        HeatMap(prediction=prediction, slot=slot.name, image=image, frame=frame, png=png)
        for slot, (image, frame) in named
        if (png := found.png(slot, (image, frame), prediction))
    ]
    HeatMap.objects.bulk_create(maps, ignore_conflicts=True)


def _looked(model: Model, prediction: Prediction) -> Sequence[tuple[AnySlot, At]]:
    slots: list[AnySlot] = [*model.slots, *model.dense_slots]
    looked = [(slot, prediction.looked.get(slot.name)) for slot in slots]
    return [(slot, (one["image"], one["frame"])) for slot, one in looked if one]


class _Read:
    """The readable pictures of a case with all that a map needs of them."""

    def __init__(self, model: Model, bag: Bag, embedded: ArrayCache, squares: ArrayCache) -> None:
        keys = [picture.key for picture in bag]
        self.model, self.bag = model, bag
        self.embeddings, self.squares = embedded.rows(keys), squares

    @classmethod
    def of(cls, model: Model, bag: Bag, *, apart: bool) -> "_Read":
        assert model.encoder is not None
        failures: Failures = {}
        squares = images(bag, _quietly, failures, apart=apart)
        embedded = embeddings(bag, model.encoder, _quietly, failures, apart=apart)
        good = tuple(picture for picture in bag if picture.key not in failures)
        return cls(model, good, embedded, squares)

    def png(self, slot: AnySlot, at: At, prediction: Prediction) -> bytes | None:
        """Of a picture that is not read it is the map of the one that stands for it."""
        said = prediction.slots.get(slot.name)
        for number, one in enumerate(self.bag if said else ()):
            place = one.place
            if at in place.names:
                [square] = self.squares.rows([one.key])
                found = explain(self.model, Looked(square, self.embeddings, number), slot, said)
                return over_image(found, one.size, place.rows, place.columns, mirror=one.mirror)
        return None


def _quietly(done: int, of: int) -> None:
    """Of one case nothing is told."""
