"""A case without a prediction gets one while its reader looks at it: in the assisted arm, for what he left open."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from annotation.models import Annotation, Case, Task
from annotation.reading import Save, save_draft
from annotation.worklist import claim
from inference import arms, keep_current
from inference.models import Prediction, Showing, Unreadable
from inference.retraining import retrain
from jobs.models import Job
from tests.factories.accounts import client_of
from tests.factories.annotation import grade, make_reader, make_task
from tests.factories.inference import keep_cases, make_prediction, proposal
from tests.factories.jobs import run, run_due
from tests.factories.training import make_model
from tests.inference.test_predict import make_trained_task

pytestmark = pytest.mark.django_db(transaction=True)


def make_open_read(unassisted_share: float) -> tuple[Task, User, Annotation]:
    """A read that was handed out before there was any model."""
    task = make_task()
    Task.objects.filter(pk=task.pk).update(unassisted_share=unassisted_share)
    task.refresh_from_db()
    reader = make_reader(task)
    keep_cases(task, "train", 1)
    read = claim(task, reader)
    assert read is not None
    arms.draw(task, read)
    return task, reader, read


def offered(client: Client, read: Annotation, *begun: str) -> object:
    address = f"/api/annotations/{read.pk}/prediction/"
    answer = client.post(address, {"begun": list(begun)}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()["prediction"]


def test_it_predicts_with_the_network_and_the_stored_answer_is_that_of_the_whole_job() -> None:
    task, model, new = make_trained_task(waiting=3)
    reader = make_reader(task)
    client = client_of(reader)

    answer = client.post(f"/api/cases/{new[1]}/predict/")

    job = Job.objects.get(pk=answer.json()["job"]["id"])
    assert answer.status_code == 202
    assert (job.kind, job.queue, job.topic) == ("inference.predict", "ask", task.topic)
    run(job)
    assert job.__class__.objects.get(pk=job.pk).result == {"case": new[1], "model": model.number}
    alone = Prediction.objects.get()
    assert alone.case_id == new[1]
    assert client.post(f"/api/cases/{new[1]}/predict/").json() == {"job": None}

    Prediction.objects.all().delete()
    keep_current.keep(task)
    run_due()
    assert Prediction.objects.get(case=new[1]).slots == alone.slots


def test_after_a_promotion_it_replaces_what_the_older_model_said() -> None:
    task, model, new = make_trained_task(waiting=1)
    keep_current.keep(task)
    run_due()
    run(retrain(task, "fast", "Again", None).job)

    client_of(make_reader(task)).post(f"/api/cases/{new[0]}/predict/")
    run_due()

    [said] = Prediction.objects.filter(case=new[0])
    assert said.model != model


def test_a_case_that_came_and_was_predicted_alone_still_gets_its_place_in_the_line() -> None:
    task, _, new = make_trained_task(waiting=1)
    client_of(make_reader(task)).post(f"/api/cases/{new[0]}/predict/")
    run_due()
    assert Case.objects.get(pk=new[0]).priority == keep_current.UNORDERED

    keep_current.keep(task)
    run_due()

    assert Case.objects.get(pk=new[0]).priority > keep_current.UNORDERED
    assert keep_current.keep(task) is None


def test_it_is_offered_in_the_assisted_arm_and_written_down() -> None:
    task, reader, read = make_open_read(unassisted_share=0.0)
    client = client_of(reader)
    assert offered(client, read) is None
    model = make_model(task, "current")
    make_prediction(read.case, model)

    said = offered(client, read)

    assert said == {"model": {"id": model.pk, "number": 1}, "slots": proposal(), "heatmaps": {}}
    showing = Showing.objects.get(annotation=read)
    assert (showing.arm, showing.model, showing.slots) == ("assisted", model, proposal())
    assert offered(client, read, "kl") == said  # he has seen it: nothing is taken back


def test_in_the_unassisted_arm_it_is_asked_for_alike_and_never_offered() -> None:
    task, reader, read = make_open_read(unassisted_share=1.0)
    model = make_model(task, "current")
    client = client_of(reader)
    assert client.post(f"/api/cases/{read.case_id}/predict/").status_code == 202
    make_prediction(read.case, model)

    assert offered(client, read) is None

    assert client.post(f"/api/cases/{read.case_id}/predict/").json() == {"job": None}
    assert Showing.objects.get(annotation=read).slots is None


@pytest.mark.parametrize("saved", [False, True])
def test_of_a_slot_that_the_reader_has_begun_nothing_is_offered(saved: bool) -> None:
    task, reader, read = make_open_read(unassisted_share=0.0)
    make_prediction(read.case, make_model(task, "current"))
    if saved:
        save_draft(read.pk, reader, Save(0, grade(4)), "key")

    assert offered(client_of(reader), read, *([] if saved else ["kl"])) is None

    assert Showing.objects.get(annotation=read).slots is None


def test_another_one_s_read_is_none() -> None:
    task, _, read = make_open_read(unassisted_share=0.0)
    make_prediction(read.case, make_model(task, "current"))
    other = client_of(make_reader(task, Role.ADMIN))

    address = f"/api/annotations/{read.pk}/prediction/"

    assert other.post(address, content_type="application/json").status_code == 404


def test_it_says_why_it_does_not_predict() -> None:
    task, reader, read = make_open_read(unassisted_share=0.0)
    client = client_of(reader)
    address = f"/api/cases/{read.case_id}/predict/"

    answer = client.post(address)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_model")
    make_model(task, "current")
    Case.objects.filter(pk=read.case_id).update(state="read")
    assert client.post(address).status_code == 409
    assert client_of(make_reader(make_task())).post(address).status_code == 404
    assert not Job.objects.exclude(kind="training.train").exists()


def test_an_admin_who_asks_has_a_case_tried_again_that_was_set_aside() -> None:
    task, _, read = make_open_read(unassisted_share=0.0)
    model = make_model(task, "current")
    Prediction.objects.create(case=read.case, model=model, slots={})
    Unreadable.objects.create(case=read.case, pixels="x", tries=3, reason="It is cut off.")
    address = f"/api/cases/{read.case_id}/predict/"

    assert client_of(make_reader(task)).post(address).json() == {"job": None}
    assert client_of(make_reader(task, Role.ADMIN)).post(address).status_code == 202
    assert not Unreadable.objects.exists()
