import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.errors import Problem
from accounts.roles import Role
from annotation.models import Task
from tests.factories.annotation import make_reader, make_task, make_user
from tests.factories.training import make_model
from training import promotion, weights
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


def states(task: Task) -> list[str]:
    return list(
        ModelVersion.objects.filter(task=task).order_by("number").values_list("state", flat=True)
    )


def refusal(model: ModelVersion) -> str:
    with pytest.raises(Problem) as caught:
        promotion.promote(model, None)
    assert caught.value.status_code == 409
    return str(caught.value.detail)


def test_it_replaces_the_current_version_and_says_who_did() -> None:
    task = make_task()
    make_model(task, "current")
    second, admin = make_model(task), make_user()

    promoted = promotion.promote(second, admin)

    assert states(task) == ["retired", "current"]
    assert promoted.promoted_by == admin
    assert promoted.promoted_at is not None


def test_it_rolls_back_to_an_older_version() -> None:
    task = make_task()
    first = make_model(task, "retired")
    make_model(task, "current")

    promotion.promote(first, None)

    assert states(task) == ["current", "retired"]


def test_it_leaves_the_current_version_as_it_is_when_it_is_asked_for() -> None:
    model = make_model(make_task(), "current")

    assert promotion.promote(model, make_user()).promoted_by is None


def test_the_database_keeps_two_versions_from_being_current() -> None:
    task = make_task()
    make_model(task, "current")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_model(task, "current")


def test_it_refuses_what_the_gate_refused() -> None:
    task = make_task()
    make_model(task, "current")
    bad = make_model(task, "refused", gate={"passed": False, "reason": "Not shown to be as good."})

    assert refusal(bad) == "Model 2 was not promoted: Not shown to be as good."
    assert states(task) == ["current", "refused"]


@pytest.mark.parametrize("metrics", [{}, {"kl": {}}, {"kl": {"n": 0}}, {"kl": {"n": None}}])
def test_it_refuses_what_was_never_evaluated(metrics: dict[str, object]) -> None:
    task = make_task()
    make_model(task, "current")

    assert "never evaluated" in refusal(make_model(task, metrics=metrics))
    assert states(task) == ["current", "candidate"]


@pytest.mark.parametrize("gate", [{}, {"passed": None}, {"passed": "yes"}])
def test_it_refuses_what_never_passed_the_gate(gate: dict[str, object]) -> None:
    task = make_task()
    make_model(task, "current")

    assert "never passed the gate" in refusal(make_model(task, gate=gate))
    assert states(task) == ["current", "candidate"]


def test_it_refuses_missing_weights() -> None:
    task = make_task()
    make_model(task, "current")
    lost = make_model(task)
    weights.path_of(lost.weights).unlink()

    assert "is missing" in refusal(lost)
    assert states(task) == ["current", "candidate"]


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"\x01" + b[1:], lambda b: b""])
def test_it_refuses_weights_that_are_not_what_was_stored(damage: object) -> None:
    task = make_task()
    make_model(task, "current")
    model = make_model(task)
    path = weights.path_of(model.weights)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]

    assert "was changed after it was stored" in refusal(model)
    assert states(task) == ["current", "candidate"]


def test_only_an_admin_of_the_task_may_choose_its_model() -> None:
    task = make_task()
    make_model(task, "current")
    model = make_model(task)
    people = [
        make_user(),
        make_reader(task),
        make_reader(task, Role.ADJUDICATOR),
        make_reader(task, Role.ADMIN),
    ]

    codes = []
    for user in people:
        client = Client()
        client.force_login(user)
        codes.append(client.post(f"/api/models/{model.pk}/promote/").status_code)

    assert codes == [404, 403, 403, 200]
    assert states(task) == ["retired", "current"]
