import pytest

from annotation.cases import build_cases
from annotation.each import each_task
from annotation.models import Case
from archive.models import Instance
from inference import keep_current, ordering
from inference.models import Prediction
from jobs.models import Job
from tests.factories.annotation import (
    make_cases,
    make_images,
    make_patient,
    make_read,
    make_reader,
    make_task,
)
from tests.factories.inference import make_prediction
from tests.factories.jobs import run_due
from tests.factories.training import make_model
from tests.flow.life import pre_annotate, store_model

pytestmark = pytest.mark.django_db


def test_it_puts_new_cases_into_the_random_order_before_any_model() -> None:
    task = make_task()
    make_cases(task, 5)

    assert keep_current.keep(task) is None

    assert not Case.objects.filter(task=task, priority=keep_current.UNORDERED).exists()


def test_it_asks_once_for_the_predictions_that_are_lacking() -> None:
    task = make_task()
    cases, model = make_cases(task, 3), make_model(task, "current")
    make_prediction(cases[0], model)

    first, second = keep_current.keep(task), keep_current.keep(task)

    assert first is not None
    assert first == second
    assert (first.kind, first.queue) == ("inference.preannotate", "infer")
    assert first.arguments == {"model_id": model.pk}


def test_it_rests_when_every_waiting_case_has_its_prediction() -> None:
    task = make_task()
    cases, model = make_cases(task, 3), make_model(task, "current")
    make_read(task, make_reader(task))
    for case in cases:
        make_prediction(case, model)
    ordering.order(task)

    assert keep_current.keep(task) is None


def test_predictions_of_another_model_do_not_count() -> None:
    task = make_task()
    [case] = make_cases(task, 1)
    make_prediction(case, make_model(task, "retired"))
    make_model(task, "current")

    assert keep_current.keep(task) is not None


def test_a_case_that_gains_an_image_is_predicted_anew() -> None:
    task, patient = make_task(), make_patient()
    study = make_images(patient)
    build_cases(task)
    model = make_model(task, "current", weights=store_model(task.forms.get()))
    pre_annotate(model)
    assert not keep_current.lacking(model).exists()

    make_images(patient, view="LATERAL", study=study)
    build_cases(task)
    [case] = keep_current.lacking(model)
    build_cases(task)  # nothing has come since
    pre_annotate(model)

    assert Prediction.objects.get(case=case).model == model
    assert not keep_current.lacking(model).exists()


def test_a_case_that_is_held_back_meanwhile_is_predicted_once_it_is_released() -> None:
    task = make_task()
    [case] = make_cases(task)
    model = make_model(task, "current", weights=store_model(task.forms.get()))

    def hold() -> None:
        Instance.objects.update(state=Instance.State.HELD)

    pre_annotate(model, meanwhile=hold)

    assert not Prediction.objects.exists()
    assert not keep_current.lacking(model).exists()
    Instance.everything.update(state=Instance.State.READY)
    assert list(keep_current.lacking(model)) == [case]


@pytest.mark.parametrize("ended", ["failed", "cancelled"])
def test_it_does_not_ask_again_and_again_after_a_failure(ended: str) -> None:
    task = make_task()
    make_cases(task, 1)
    make_model(task, "current")
    job = keep_current.keep(task)
    assert job is not None
    Job.objects.filter(pk=job.pk).update(state=ended, finished_at=job.created_at)

    assert keep_current.keep(task) is None


@pytest.mark.django_db(transaction=True)
def test_a_model_whose_weights_are_lost_predicts_nothing_and_says_why() -> None:
    task = make_task()
    make_cases(task, 2)
    make_model(task, "current")
    each_task(keep_current.keep)

    [job] = run_due()

    assert (job.state, job.attempts) == ("failed", 1)
    assert job.error.startswith("The weights cannot be used: ")
    assert not Prediction.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_model_that_was_replaced_does_nothing() -> None:
    task = make_task()
    make_cases(task, 2)
    model = make_model(task, "retired")
    keep_current.preannotate(model)

    [job] = run_due()

    assert job.state == "done"
    assert job.result["note"] == "Another model became current meanwhile."
