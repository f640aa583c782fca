"""Trainings of a form that reads sex and age beside the images: from the template's line to the card."""

from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread

from annotation.catalogue import current_form
from annotation.models import Form, Task
from archive.models import Instance
from inference import keep_current
from inference.models import Prediction
from inference.retraining import retrain
from tests.factories.accounts import client_of
from tests.factories.annotation import make_reader
from tests.factories.jobs import run, run_due
from tests.factories.knees import add_knees, make_knee_task, read_knees
from tests.inference.test_outside import make_admin, result, send, stored
from training import comparison, loading, promotion, runs
from training.models import ModelVersion

pytestmark = pytest.mark.django_db(transaction=True)
SIDES = {"train": 25, "tune": 5, "test": 15}


def age(case: int, years: int | None, sex: str = "F") -> None:
    """Of the case's patient, as his file would have told it."""
    image = Instance.objects.get(series__cases=case)
    told = {"00100040": {"vr": "CS", "Value": [sex]}}
    if years is not None:
        told["00101010"] = {"vr": "AS", "Value": [f"{years:03d}Y"]}
    image.metadata = {**image.metadata, **told}
    image.save(update_fields=["metadata"])


def make_aged_task(covariates: list[str]) -> tuple[Task, dict[int, int]]:
    task, truth = make_knee_task(SIDES, covariates=covariates)
    for number, (case, value) in enumerate(sorted(truth.items())):
        age(case, None if number < 4 else 40 + 8 * value)
    read_knees(task, make_reader(task), truth)
    return task, truth


def train(task: Task, speed: str = "fast") -> ModelVersion:
    started = retrain(task, speed, "A test", None)
    job = run(started.job)
    assert (job.state, job.error) == ("done", "")
    model = runs.model_of(runs.runs(task).get(pk=started.pk))
    assert model is not None
    return model


def reads(task: Task, **training: Any) -> None:
    """The form's next version."""
    form = current_form(task)
    assert form is not None
    content = {**form.content, "training": {**form.content["training"], **training}}
    Form.objects.create(task=task, version=form.version + 1, content=content)


def slots_of(model: ModelVersion, case: int) -> Any:
    return Prediction.objects.get(model=model, case=case).slots


def test_from_the_templates_line_to_predictions_and_the_card() -> None:
    task, _ = make_aged_task(["sex", "age"])
    model = train(task)
    assert promotion.current(task) == model
    [young, old] = sorted(add_knees(task, {"train": 2}, same_picture=True))
    age(young, 40)
    age(old, 72)

    keep_current.keep(task)
    run_due()

    grades = [slots_of(model, case)["kl"]["expected"] for case in (young, old)]
    assert grades[0] < grades[1]  # of one and the same picture
    admin = client_of(make_admin(task))
    file = dcmread(BytesIO(stored(old)))
    file.PatientAge, file.PatientSex = "072Y", "F"
    buffer = BytesIO()
    file.save_as(buffer)
    outside = result(send(admin, task, buffer.getvalue(), laterality="R"))
    assert outside["slots"] == slots_of(model, old)
    card = admin.get(f"/api/models/{model.pk}/card/").json()
    assert card["beside"]["sex"] == {
        "unit": "",
        "not_known": {"train": 0, "tune": 0, "test": 0},
    }
    assert card["beside"]["age"]["unit"] == "years"
    assert sum(card["beside"]["age"]["not_known"].values()) == 4
    markdown = admin.get(f"/api/models/{model.pk}/card/?format=md").content.decode()
    assert "Beside the images it reads: age (years). Cases of which it is not known:" in markdown


@pytest.mark.parametrize(("before", "after"), [([], ["age"]), (["age", "sex"], ["sex"])])
def test_a_changed_list_is_another_model_and_both_answer_the_test(
    before: list[str], after: list[str]
) -> None:
    task, _ = make_aged_task(before)
    first = train(task)
    reads(task, covariates=after)

    second = train(task)

    assert [loading.load(one).covariates.names for one in (first, second)] == [before, after]
    assert second.gate["slots"]["kl"]["reason"]
    assert comparison.compared(first, second)["n"] == SIDES["test"]


def test_a_full_run_reads_them_too_and_the_fast_one_after_it() -> None:
    task, _ = make_aged_task(["age"])
    reads(task, epochs=1)

    full, fast = train(task, "full"), train(task)

    columns = [loading.load(one).covariates for one in (full, fast)]
    assert columns[0] == columns[1]
    assert columns[0].names == ["age"]
