"""What a task's trainings start from: chosen by an admin, told on the card, kept as long as a model refers to it."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.errors import Problem
from accounts.models import User
from accounts.roles import Role
from annotation.models import Form, Task
from jobs.models import Job
from tests.factories.annotation import make_reader, make_task, make_user
from tests.factories.encoders import file_of, make_start
from tests.factories.inference import keep_cases
from tests.factories.jobs import run
from tests.factories.knees import make_knee_task, read_knees
from tests.factories.training import make_model, make_run
from tests.training.test_consider import add_references
from training import consider, encoders, loading, runs, weights
from training.encoders import DEFAULT, Start
from training.models import StartingWeights, TrainingRun, WeightsEvent

pytestmark = pytest.mark.django_db


def post(user: User, task: Task, what: str = "", **body: Any) -> Any:
    client = Client()
    client.force_login(user)
    path = f"/api/tasks/{task.pk}/encoders/{what}"
    if "file" in body:
        return client.post(path, body)
    return client.post(path, body, content_type="application/json")


def give(user: User, task: Task, content: bytes, **changed: str) -> Any:
    about = {"name": "Mine", "network": DEFAULT, "source": "Own, CC0"} | changed
    return post(user, task, file=SimpleUploadedFile("w.safetensors", content), **about)


def name_encoder(task: Task, encoder: str) -> None:
    form = task.forms.get()
    training = {**form.content["training"], "encoder": encoder}
    Form.objects.create(task=task, version=2, content={**form.content, "training": training})


@pytest.fixture
def task() -> Task:
    return make_task()


@pytest.fixture
def admin(task: Task) -> User:
    return make_reader(task, Role.ADMIN)


def test_an_admin_gives_weights_and_the_task_starts_from_them(task: Task, admin: User) -> None:
    answer = give(admin, task, file_of())

    assert answer.status_code == 201
    row = StartingWeights.objects.get()
    assert (row.task, row.by, row.source, row.chosen) == (task, admin, "Own, CC0", False)
    assert weights.checked(row.sha256).is_file()
    assert encoders.start_of(task, encoders.chosen(task)) == Start(DEFAULT)

    shown = post(admin, task, "choose/", id=row.pk).json()

    assert [one["chosen"] for one in shown["weights"]] == [True]
    assert shown["takes_weights"]
    assert encoders.start_of(task, encoders.chosen(task)) == Start(DEFAULT, row.sha256)
    assert loading.started(Start(DEFAULT, row.sha256)).sha256 == row.sha256
    assert post(admin, task, "choose/", id=None).status_code == 200
    assert encoders.chosen(task) is None
    done = WeightsEvent.objects.order_by("id").values_list("what", "by")
    assert list(done) == [(what, admin.pk) for what in ("uploaded", "chosen", "left")]
    client = Client()
    client.force_login(admin)
    told = client.get(f"/api/tasks/{task.pk}/models/history/").json()
    assert [(one["what"], one["model"], one["weights"], one["by"]) for one in told] == [
        (what, None, row.name, admin.display_name) for what in ("left", "chosen", "uploaded")
    ]


def test_a_bad_file_leaves_nothing(task: Task, admin: User) -> None:
    answer = give(admin, task, file_of()[:-1])

    assert (answer.status_code, answer.json()["code"]) == (400, "weights_not_whole")
    assert not StartingWeights.objects.exists()


def test_only_admins_change_it_and_strangers_see_nothing(task: Task) -> None:
    row, reader = make_start(task), make_reader(task)

    assert give(reader, task, file_of()).status_code == 403
    assert post(reader, task, "choose/", id=row.pk).status_code == 403
    assert post(reader, task, f"{row.pk}/delete/").status_code == 403
    assert post(make_user(), task, "choose/", id=row.pk).status_code == 404
    client = Client()
    client.force_login(reader)
    assert len(client.get(f"/api/tasks/{task.pk}/encoders/").json()["weights"]) == 1


def test_weights_of_another_task_do_not_exist(task: Task, admin: User) -> None:
    other = make_start(make_task())

    assert post(admin, task, "choose/", id=other.pk).status_code == 404
    assert post(admin, task, f"{other.pk}/delete/").status_code == 404


def test_damaged_weights_are_not_chosen(task: Task, admin: User) -> None:
    row = make_start(task)
    weights.path_of(row.sha256).write_bytes(b"damaged")

    assert post(admin, task, "choose/", id=row.pk).status_code == 409
    assert encoders.chosen(task) is None


def test_weights_that_a_model_refers_to_stay(
    task: Task, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    row = make_start(task)
    model = make_model(task, run=make_run(task, start=row))

    refused = post(admin, task, f"{row.pk}/delete/")
    assert (refused.status_code, refused.json()["detail"][:7]) == (409, "Model 1")

    type(model).objects.update(state="deleted")
    with django_capture_on_commit_callbacks(execute=True):
        assert post(admin, task, f"{row.pk}/delete/").json()["weights"] == []
    assert not weights.path_of(row.sha256).exists()
    assert StartingWeights.objects.get().deleted


def test_those_that_a_pretraining_begins_from_stay_until_it_has_ended(
    task: Task, admin: User
) -> None:
    row = make_start(task)
    waiting = make_run(make_task()).job
    Job.objects.filter(pk=waiting.pk).update(
        kind="training.pretrain", state="queued", arguments={"start_id": row.pk}
    )

    refused = post(admin, task, f"{row.pk}/delete/")
    Job.objects.filter(pk=waiting.pk).update(state="cancelled")
    deleted = post(admin, task, f"{row.pk}/delete/")

    assert (refused.status_code, refused.json()["code"]) == (409, "pretraining_holds_start")
    assert deleted.status_code == 200


def test_the_chosen_ones_stay(task: Task, admin: User) -> None:
    row = make_start(task, chosen=True)

    assert post(admin, task, f"{row.pk}/delete/").status_code == 409


def test_a_network_without_weights_starts_no_training_and_says_what_to_do(task: Task) -> None:
    add_references(task, keep_cases(task, "train", 20), make_reader(task))
    name_encoder(task, "resnet18")

    decision = consider.consider(task)

    assert not decision.started
    assert "no weights come with the platform" in decision.reason
    with pytest.raises(Problem, match="resnet18"):
        runs.start(task, "full", "A test", None)
    make_start(task, "resnet18", chosen=True)
    assert runs.start(task, "full", "A test", None).start == encoders.chosen(task)


def test_an_unknown_network_is_named(task: Task) -> None:
    name_encoder(task, "resnet19")

    assert encoders.nowhere_to_start(task).startswith("The form names the encoder 'resnet19'")


def test_a_fast_run_takes_a_new_start_until_the_task_has_an_encoder_of_its_own(
    task: Task,
) -> None:
    fast = make_model(task, run=make_run(task, speed=TrainingRun.Speed.FAST))
    assert not encoders.trained_here(fast)

    make_model(task, run=make_run(task, speed=TrainingRun.Speed.FULL))

    assert encoders.trained_here(fast), "it took over the full run's encoder"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("network", "speed"), [("resnet18", "fast"), ("resnet18", "full"), ("densenet121", "full")]
)
def test_a_training_starts_from_what_was_chosen(network: str, speed: str) -> None:
    task, truth = make_knee_task({"train": 20, "tune": 5, "test": 8}, epochs=1, encoder=network)
    read_knees(task, make_reader(task), truth)
    row = make_start(task, network, chosen=True)

    started = runs.start(task, speed, "A test", None)
    job: Job = run(started.job)

    assert (job.state, job.error) == ("done", "")
    model = runs.model_of(runs.runs(task).get(pk=started.pk))
    assert model is not None
    assert model.card["start"]["sha256"] == row.sha256
    assert loading.load(model).encoder_name == network
    assert (model.encoder == row.sha256) == (speed == "fast")
