"""Heat maps of predictions: drawn by a worker, of the first cases of the worklist with their predictions, of others when
a page asks; kept beside the prediction in the database (a few kilobytes each), so that both go together."""

from annotation.models import Case
from archive.models import Instance
from inference.explain import Looked, explain, over_image
from inference.models import HeatMap, Prediction
from inference.predict import training_of
from jobs.runner import Running
from training import loading
from training.engine.cache import ArrayCache
from training.engine.examples import Slot
from training.engine.model import Model
from training.inputs import embeddings, images, pictures
from training.models import ModelVersion
from training.pictures import Bag, Failures
from training.recipes.recipe import Recipe

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


def draw(version: ModelVersion, prediction: Prediction, *, apart: bool = False) -> None:
    """All slots of one prediction; nothing where its pictures can no longer be read."""
    model = loading.load(version)
    bag = pictures([prediction.case_id], training_of(version)).get(prediction.case_id, ())
    found = _Read.of(model, bag, apart=apart)
    maps = [
        HeatMap(prediction=prediction, slot=slot.name, png=png)
        for slot in model.slots
        if (png := found.png(slot, prediction))
    ]
    HeatMap.objects.bulk_create(maps, ignore_conflicts=True)


class _Read:
    """The readable pictures of a case with all that a map needs of them."""

    def __init__(self, model: Model, bag: Bag, embedded: ArrayCache, squares: ArrayCache) -> None:
        keys = [picture.key for picture in bag]
        self.model, self.bag = model, bag
        self.embeddings, self.squares = embedded.rows(keys), squares
        self.instances = Instance.objects.in_bulk([picture.instance for picture in bag])

    @classmethod
    def of(cls, model: Model, bag: Bag, *, apart: bool) -> "_Read":
        assert model.encoder is not None
        failures: Failures = {}
        squares = images(bag, _quietly, failures, apart=apart)
        embedded = embeddings(bag, model.encoder, _quietly, failures, apart=apart)
        good = tuple(picture for picture in bag if picture.key not in failures)
        return cls(model, good, embedded, squares)

    def png(self, slot: Slot[Recipe], prediction: Prediction) -> bytes | None:
        looked, said = prediction.looked.get(slot.name), prediction.slots.get(slot.name)
        if not looked or not said:
            return None
        for place, one in enumerate(self.bag):
            instance = self.instances[one.instance]
            if (instance.sop_instance_uid, one.frame + 1) == (looked["image"], looked["frame"]):
                [square] = self.squares.rows([one.key])
                found = explain(self.model, Looked(square, self.embeddings, place), slot, said)
                rows, columns = instance.rows, instance.columns
                return over_image(found, one.size, rows, columns, mirror=one.mirror)
        return None


def _quietly(done: int, of: int) -> None:
    """Of one case nothing is told."""
