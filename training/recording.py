"""What is kept with a version when its run ends, so that its card can be shown for ever: nothing of it changes later."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from annotation import forms
from annotation.models import Form
from training import cards, counting, encoders, groups
from training.dataset import Dataset, Missing
from training.engine.examples import SPLITS
from training.engine.model import Model
from training.engine.settings import Settings
from training.engine.subgroups import Group
from training.learning_code import code
from training.models import Measured, ModelVersion, TrainingRun

Prediction = Mapping[str, Mapping[str, Any]]  # by slot


@dataclass(frozen=True)
class Papers:
    card: dict[str, Any]
    measured: dict[int, Prediction]  # by case

    def keep(self, model: ModelVersion) -> None:
        """Write them down; call it in the transaction that makes the version."""
        ModelVersion.objects.filter(pk=model.pk).update(card=self.card)
        Measured.objects.bulk_create(
            Measured(model=model, case_id=case, slots=slots)
            for case, slots in self.measured.items()
        )


def papers(
    run: TrainingRun,
    form: Form,
    model: Model,
    data: Dataset,
    predicted: Sequence[Prediction],
    group: Sequence[Group],
    settings: Settings,
    missing: Missing,
) -> Papers:
    """`data`: all that was learned from and tested on; `predicted` (of the slots that are kept) and `group`: for its test part."""
    test = data.of("test")
    return Papers(
        card={
            "form": form.version,
            "code": code(),
            "settings": _settings(run, form, settings),
            "model": _about(model.metadata()),
            "start": encoders.told(run.task, run.start, form),
            "missing": missing.told(),
            "counts": counting.count(
                data.examples,
                {slot.slot: slot.field["kind"] for slot in forms.slots(form.content)},
            ),
            "images": groups.images_by_maker(data.pictures),
            "beside": _beside(model, data),
            "slots": cards.card(
                form.content["fields"],
                test.examples,
                predicted,
                group,
                seed=run.seed,
            ),
        },
        measured={
            picture.case: slots for picture, slots in zip(test.firsts, predicted, strict=True)
        },
    )


def _about(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The form is kept by its version. Of an answer that weighs marks, the calibration is of what comes out."""
    found = {key: value for key, value in metadata.items() if key not in ("fields", "slots")}
    weighed = {slot: of["calibration"] for slot, of in metadata.get("evidence", {}).items()}
    found["calibration"] = {**found["calibration"], **weighed}
    if staged := found.get("staged"):
        found["staged"] = {**staged, "model": _about(staged["model"])}
    return found


def _settings(run: TrainingRun, form: Form, settings: Settings) -> dict[str, Any]:
    full = asdict(settings) if run.speed == TrainingRun.Speed.FULL else {}
    return {**form.content["training"], **full}


def _beside(model: Model, data: Dataset) -> dict[str, dict[str, int]]:
    """Of each covariate that the model reads, of how many cases of each split it is not known."""
    return {
        name: {
            split: sum(name not in example.beside for example in data.of(split).examples)
            for split in SPLITS
        }
        for name in model.covariates.names
    }
