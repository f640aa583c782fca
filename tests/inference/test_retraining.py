"""A training that would only make the same model again is not started for who asks for it on the page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from annotation.models import Annotation, Form, Task
from annotation.snapshots import freeze
from inference.retraining import retrain
from tests.factories.annotation import make_reader, make_task
from tests.factories.inference import keep_cases
from tests.factories.jobs import run
from tests.factories.knees import add_knees, make_knee_task, read_knees
from tests.factories.training import make_model, make_run
from tests.training.test_consider import add_references
from training import again, encoders, promotion
from training.learning_code import code
from training.models import ModelVersion, StartingWeights

FRACTURE = "fracture"  # its field in the template
SAME = "Nothing has been answered since version 1 was trained; a training now would give the same model."


def ask(user: User, task: Task, speed: str = "fast") -> Any:
    client = Client()
    client.force_login(user)
    address = f"/api/tasks/{task.pk}/retrain/"
    told = client.get(address).json()[speed]
    answer = client.post(address, {"speed": speed}, content_type="application/json")
    refused = answer.json()["detail"] if answer.status_code == 409 else ""
    assert told["why_not"] == refused  # the page knows it beforehand
    return answer


def read_task() -> tuple[Task, User]:
    """With twelve references and a version that was made of them."""
    task = make_task()
    add_references(task, keep_cases(task, "train", 12), make_reader(task))
    made(task, encoder="e" * 64)
    return task, make_reader(task, Role.ADMIN)


def made(task: Task, speed: str = "fast", state: str = "current", **values: Any) -> ModelVersion:
    run = make_run(task, speed=speed, snapshot=freeze(task), seed=task.seed)
    unread = {"train": 0, "tune": 0, "test": 0}
    card = {"form": 1, "code": code(), "missing": {"unread": unread, "differing": 0}}
    return make_model(task, state, run=run, card=card, **values)


@pytest.mark.django_db(transaction=True)
def test_what_would_be_the_same_weights_once_more_is_not_trained_until_somebody_reads() -> None:
    task, truth = make_knee_task({"train": 25, "tune": 5, "test": 15})
    reader, admin = make_reader(task), make_reader(task, Role.ADMIN)
    read_knees(task, reader, truth)
    assert ask(admin, task).status_code == 202
    run(task.runs.get().job)

    refused = ask(admin, task)

    assert (refused.status_code, refused.json()["detail"]) == (409, SAME)
    assert (refused.json()["code"], refused.json()["parameters"]) == ("nothing_new", {"model": 1})
    assert promotion.uses_of_test(task) == 1
    # a shell may have it all the same, and it is the same
    run(retrain(task, "fast", "A test", None).job)
    assert ModelVersion.objects.filter(task=task).values("weights").distinct().count() == 1
    read_knees(task, reader, add_knees(task, {"test": 1}))
    assert ask(admin, task).status_code == 202


@pytest.mark.django_db
def test_the_other_speed_is_another_training() -> None:
    task, admin = read_task()

    assert ask(admin, task, "full").status_code == 202


@pytest.mark.django_db
def test_a_fast_run_on_another_encoder_is_another_training() -> None:
    task, admin = read_task()
    ModelVersion.objects.update(state="retired")
    made(task, "full", encoder="f" * 64)

    assert ask(admin, task).status_code == 202


@pytest.mark.django_db
def test_what_a_fast_run_took_over_from_a_full_one_is_the_same_again() -> None:
    task, admin = read_task()
    ModelVersion.objects.update(state="retired")
    made(task, "full", "retired", encoder="f" * 64)
    made(task, encoder="f" * 64)

    refused = ask(admin, task)

    assert refused.json()["detail"] == SAME.replace("version 1", "version 3")


@pytest.mark.django_db
def test_heads_of_places_go_on_from_the_current_ones_and_are_never_the_same_again() -> None:
    task = make_task("fracture-radiograph")
    add_references(task, keep_cases(task, "train", 12), make_reader(task))
    for number, read in enumerate(Annotation.objects.all()):
        value = "present" if number % 2 else "absent"
        read.answers = {FRACTURE: {"state": "answered", "value": value}}
        read.save(update_fields=["answers"])
    made(task, encoder="e" * 64)

    assert ask(make_reader(task, Role.ADMIN), task).status_code == 202


@pytest.mark.django_db
def test_what_was_refused_beside_a_version_that_is_gone_may_be_tried_again() -> None:
    task, admin = read_task()
    first = ModelVersion.objects.get()
    second = made(task, "full", "candidate", encoder="f" * 64)
    promotion.promote(second, admin)
    refused = made(task, state="refused", encoder="f" * 64)
    assert ask(admin, task).json()["parameters"] == {"model": refused.number}
    promotion.promote(first, admin)  # which it may be better than
    promotion.promote(second, admin)

    assert ask(admin, task).status_code == 202


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["the same", "unread", "other code", "other cases", "no places"])
def test_what_is_made_again_of_places_is_refused_where_it_was_judged_as_it_would_be(
    way: str,
) -> None:
    task = make_task("knee-oa-kl" if way == "no places" else "fracture-radiograph")
    add_references(task, keep_cases(task, "train", 12), make_reader(task))
    before = made(task)
    if way == "unread":
        before.card["missing"]["unread"]["test"] = 1
    if way == "other code":
        before.card["code"] = "0" * 12
    before.save(update_fields=["card"])
    new = make_run(task, snapshot=None if way == "other cases" else before.run.snapshot)

    if way == "the same":
        with pytest.raises(ValueError, match="version 1 once more"):
            again.check_is_new(new, before.weights)
    else:
        again.check_is_new(new, before.weights)
    again.check_is_new(new, "f" * 64)


def amend(task: Task) -> None:
    Annotation.objects.filter(pk=Annotation.objects.earliest("pk").pk).update(version=2)


def publish(task: Task) -> None:
    Form.objects.create(task=task, version=2, content=task.forms.get().content)


def choose(task: Task) -> None:
    StartingWeights.objects.create(
        task=task, name="Ours", network=encoders.DEFAULT, sha256="a" * 64, source="", chosen=True
    )


def update(task: Task) -> None:
    card = ModelVersion.objects.get().card
    ModelVersion.objects.update(card=card | {"code": code() | {"sha256": "0" * 64}})


def release(task: Task) -> None:
    card = ModelVersion.objects.get().card
    ModelVersion.objects.update(card=card | {"code": code() | {"release": "0"}})


def miss_one(task: Task) -> None:
    card = ModelVersion.objects.get().card
    missing = {"unread": {"train": 1, "tune": 0, "test": 0}, "differing": 0}
    ModelVersion.objects.update(card=card | {"missing": missing})


def delete(task: Task) -> None:
    ModelVersion.objects.update(state="deleted")


def forget(task: Task) -> None:
    ModelVersion.objects.update(card={})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [amend, publish, choose, update, release, miss_one, delete, forget]
)
def test_whatever_changed_makes_it_another_training(change: Callable[[Task], None]) -> None:
    task, admin = read_task()
    change(task)

    assert ask(admin, task).status_code == 202
