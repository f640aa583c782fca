"""What people do to versions: look at their cards, compare, delete and fetch them; and what is kept of it."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from annotation.models import Case, Form, Task
from jobs.models import Job
from tests.factories.annotation import make_cases, make_read, make_reader, make_task, make_user
from tests.factories.inference import make_prediction, proposal
from tests.factories.training import make_model, make_run
from training import history, loading, promotion, weights
from training.models import Comparison, Measured, ModelEvent, ModelVersion

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(user: User, path: str, **body: Any) -> Any:
    return client_of(user).post(f"/api/models/{path}/", body, content_type="application/json")


def get(user: User, path: str) -> Any:
    return client_of(user).get(f"/api/models/{path}/")


def delete(
    user: User, model: ModelVersion, reason: str = "It learned from a broken scanner."
) -> Any:
    return post(user, f"{model.pk}/delete", reason=reason)


@pytest.fixture
def task() -> Task:
    return make_task()


@pytest.fixture
def admin(task: Task) -> User:
    return make_reader(task, Role.ADMIN)


def test_a_deleted_version_loses_its_weights_and_keeps_its_row(
    task: Task, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    make_model(task, "current")
    old = make_model(task, "retired")
    [case] = make_cases(task)
    make_prediction(case, old)

    with django_capture_on_commit_callbacks(execute=True):
        answer = delete(admin, old)

    assert (answer.status_code, answer.json()["state"]) == (200, "deleted")
    assert not weights.path_of(old.weights).exists()
    event = ModelEvent.objects.get(model=old)
    assert (event.what, event.by, event.reason) == (
        "deleted",
        admin,
        "It learned from a broken scanner.",
    )
    assert ModelVersion.objects.get(pk=old.pk).predictions.count() == 1
    card = client_of(admin).get(f"/api/models/{old.pk}/card/").json()
    assert card["deleted"]["reason"] == "It learned from a broken scanner."
    assert delete(admin, old).status_code == 409
    assert client_of(admin).get(f"/api/models/{old.pk}/weights/").status_code == 410


def test_weights_that_another_version_is_made_of_stay(
    task: Task, admin: User, django_capture_on_commit_callbacks: Any
) -> None:
    current = make_model(task, "current")
    twin = make_model(task, "candidate", weights=current.weights)

    with django_capture_on_commit_callbacks(execute=True):
        assert delete(admin, twin).status_code == 200

    assert weights.checked(current.weights)


def test_a_run_whose_model_the_gate_refused_stays_refused_when_the_model_is_deleted(
    task: Task, admin: User
) -> None:
    model = make_model(task, "refused", gate={"passed": False, "reason": "Worse."})

    delete(admin, model)

    [run] = client_of(admin).get(f"/api/tasks/{task.pk}/training/").json()["runs"]
    assert run["state"] == "refused"


def test_the_current_version_is_never_deleted(task: Task, admin: User) -> None:
    current = make_model(task, "current")

    answer = delete(admin, current)

    assert answer.status_code == 409
    assert "is the current one" in answer.json()["detail"]
    assert promotion.current(task) == current


def test_a_current_version_whose_weights_are_lost_is_deleted_to_begin_anew(
    task: Task, admin: User
) -> None:
    current = make_model(task, "current")
    assert get(admin, f"{current.pk}/card").json()["lost"] is False
    weights.path_of(current.weights).unlink()
    assert get(admin, f"{current.pk}/card").json()["lost"] is True
    with pytest.raises(weights.BadWeights, match="Put the file back from a backup"):
        loading.load(current)
    told = get(admin, f"{current.pk}/card").json()["task"]["id"]
    refused = client_of(admin).post(f"/api/tasks/{told}/predict/")
    assert (refused.status_code, refused.json()["code"]) == (409, "current_weights_lost")
    refused = client_of(admin).post(
        f"/api/tasks/{told}/retrain/", {"speed": "full"}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "current_weights_lost")

    assert delete(admin, current, reason="Lost with the disk.").json()["state"] == "deleted"

    assert get(admin, f"{current.pk}/card").json()["lost"] is False
    assert promotion.current(task) is None
    event = ModelEvent.objects.get(model=current)
    assert (event.what, event.by, event.reason) == ("deleted", admin, "Lost with the disk.")


def test_nothing_is_deleted_while_a_training_may_write_the_same_weights(
    task: Task, admin: User
) -> None:
    model = make_model(task, "retired")
    make_run(task, job_state="running")

    assert "is under way" in delete(admin, model).json()["detail"]


def test_it_is_deleted_for_a_reason_or_not_at_all(task: Task, admin: User) -> None:
    assert delete(admin, make_model(task), reason=" ").status_code == 400


def test_a_deleted_version_is_not_rolled_back_to(task: Task, admin: User) -> None:
    current, gone = make_model(task, "current"), make_model(task, "deleted")

    answer = post(admin, f"{gone.pk}/promote")

    assert answer.status_code == 409
    assert "weights were deleted" in answer.json()["detail"]
    assert promotion.current(task) == current


def test_every_change_is_one_more_line_of_the_history(task: Task, admin: User) -> None:
    first, second = make_model(task, "current"), make_model(task)
    post(admin, f"{second.pk}/promote")
    post(admin, f"{first.pk}/promote")
    client_of(admin).get(f"/api/models/{first.pk}/weights/")

    told = client_of(make_reader(task)).get(f"/api/tasks/{task.pk}/models/history/").json()

    assert [(one["model"], one["what"], one["by"]) for one in told] == [
        (1, "downloaded", admin.display_name),
        (1, "rolled_back", admin.display_name),
        (2, "retired", admin.display_name),
        (2, "promoted", admin.display_name),
        (1, "retired", admin.display_name),
    ]


@pytest.mark.parametrize(
    "change", ["UPDATE training_modelevent SET reason = ''", "DELETE FROM training_modelevent"]
)
def test_the_database_keeps_the_history_from_being_changed(
    task: Task, admin: User, change: str
) -> None:
    delete(admin, make_model(task))

    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_admins_fetch_weights_that_are_what_their_name_says(task: Task, admin: User) -> None:
    model = make_model(task, "current")

    answer = client_of(admin).get(f"/api/models/{model.pk}/weights/")

    assert answer.status_code == 200
    assert answer["ETag"] == f'"{model.weights}"'
    assert answer["Content-Length"] == str(weights.path_of(model.weights).stat().st_size)
    weights.path_of(model.weights).write_bytes(b"other")
    refused = client_of(admin).get(f"/api/models/{model.pk}/weights/")
    assert (refused.status_code, refused.json()["code"]) == (409, "weights_changed")


def test_the_history_is_cut_nowhere(task: Task, admin: User) -> None:
    model = make_model(task)
    made = [ModelEvent(model=model, what="downloaded", by=admin) for _ in range(510)]
    ModelEvent.objects.bulk_create(made)

    told = client_of(admin).get(f"/api/tasks/{task.pk}/models/history/").json()

    assert len(told) == 510


def make_tested(task: Task) -> tuple[ModelVersion, ModelVersion, Case]:
    """Two versions, one of which says 2 and one 3 of a case that was read; and their comparison, made."""
    older, newer = make_model(task, "current"), make_model(task)
    make_cases(task)
    case = make_read(task, make_reader(task)).case
    for model, value in ((older, 2), (newer, 3)):
        Measured.objects.create(model=model, case=case, slots=proposal(value))
    row = {"case": case.pk, "reference": 2, "older": 2, "newer": 3}
    result = {"n": 1, "n_patients": 1, "slots": {"kl": {"metric": "qwk", "disagree": [row]}}}
    job = make_run(task).job
    Comparison.objects.create(older=older, newer=newer, job=job, result=result)
    return older, newer, case


def compared(user: User, one: ModelVersion, other: ModelVersion) -> Any:
    return post(user, f"{one.pk}/compare/{other.pk}").json()["result"]


def test_only_an_admin_who_reads_nothing_sees_where_two_versions_disagree(
    task: Task, admin: User
) -> None:
    older, newer, case = make_tested(task)
    [reader_of_case] = case.annotations.values_list("reader", flat=True)
    make_cases(task)
    reading_admin = make_reader(task, Role.ADMIN)
    make_read(task, reading_admin)
    people = [admin, reading_admin, User.objects.get(pk=reader_of_case), make_reader(task)]

    shown = [compared(user, newer, older) for user in people]

    assert [one["slots"]["kl"]["disagreements"] for one in shown] == [1, 1, 1, 1]
    assert [one["cases_shown"] for one in shown] == [True, False, False, False]
    assert [len(one["slots"]["kl"]["disagree"]) for one in shown] == [1, 0, 0, 0]
    assert shown[0]["slots"]["kl"]["disagree"][0]["name"] == case.name


def test_nor_does_he_see_a_case_that_is_still_to_be_read(task: Task, admin: User) -> None:
    older, newer, case = make_tested(task)
    Case.objects.filter(pk=case.pk).update(state=Case.State.WAITING)

    assert compared(admin, newer, older)["slots"]["kl"]["disagree"] == []


def test_a_comparison_is_made_once_by_a_job_that_says_nothing_of_it(
    task: Task, admin: User
) -> None:
    older, newer, _ = make_tested(task)
    Comparison.objects.all().delete()

    first = post(admin, f"{newer.pk}/compare/{older.pk}")
    again = post(make_reader(task), f"{older.pk}/compare/{newer.pk}")

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["job"]["id"] == again.json()["job"]["id"]
    assert first.json()["job"]["kind"] == "training.compare"


def test_a_cancelled_comparison_is_made_again_when_somebody_asks_for_it(
    task: Task, admin: User
) -> None:
    older, newer, _ = make_tested(task)
    Comparison.objects.all().delete()
    path = f"{newer.pk}/compare/{older.pk}"
    job = post(admin, path).json()["job"]
    assert client_of(admin).post(f"/api/jobs/{job['id']}/cancel/").status_code == 200

    looked = post(admin, path).json()["job"]
    again = post(admin, path, again=True).json()["job"]

    assert (looked["id"], looked["state"]) == (job["id"], "cancelled")
    assert again["id"] != job["id"]
    assert again["state"] == "queued"


def test_what_cannot_be_compared_is_said(task: Task, admin: User) -> None:
    _, newer, _ = make_tested(task)
    bare, foreign = make_model(task), make_model(make_task())

    assert post(admin, f"{newer.pk}/compare/{newer.pk}").status_code == 400
    assert "measured on no case" in post(admin, f"{newer.pk}/compare/{bare.pk}").json()["detail"]
    assert post(admin, f"{newer.pk}/compare/{foreign.pk}").status_code == 404


def test_strangers_see_no_model_and_readers_change_none(task: Task, admin: User) -> None:
    make_model(task, "current")
    model = make_model(task)
    stranger, reader = make_user(), make_reader(task)

    def codes(user: User) -> list[int]:
        client = client_of(user)
        return [
            client.get(f"/api/models/{model.pk}/card/").status_code,
            client.get(f"/api/models/{model.pk}/card/?format=md").status_code,
            client.get(f"/api/tasks/{task.pk}/models/history/").status_code,
            client.get(f"/api/runs/{model.run_id}/log/").status_code,
            client.get(f"/api/models/{model.pk}/weights/").status_code,
            post(user, f"{model.pk}/promote").status_code,
            delete(user, model).status_code,
        ]

    assert codes(stranger) == [404] * 7
    assert codes(reader) == [200, 200, 200, 200, 403, 403, 403]
    assert codes(admin) == [200] * 5 + [200, 409]  # promoted, so not deleted


def test_readers_of_the_test_are_named_to_admins_only(task: Task, admin: User) -> None:
    ada, bob = make_reader(task), make_reader(task)
    groups = [
        {"by": "reader", "value": str(user.pk), "n": 3, "n_patients": 3, "figure": None}
        for user in (ada, bob)
    ]
    kept = {"slots": {"kl": {"calibration": None, "subgroups": groups}}}
    model = make_model(task, card=kept)

    def named(user: User) -> list[str]:
        card = client_of(user).get(f"/api/models/{model.pk}/card/").json()
        return [group["value"] for group in card["judged"]["kl"]["subgroups"]]

    assert named(admin) == [ada.display_name, bob.display_name]
    assert named(bob) == ["reader 1", "reader 2"]


def test_a_card_has_its_figures_whatever_the_form_asks_now(task: Task, admin: User) -> None:
    model = make_model(task, "current", card={"form": 1})
    form = Form.objects.get(task=task)
    [kl, *others] = form.content["fields"]
    content = {**form.content, "fields": [{**kl, "key": "kl2"}, *others]}
    Form.objects.create(task=task, version=2, content=content)

    card = client_of(admin).get(f"/api/models/{model.pk}/card/").json()
    text = client_of(admin).get(f"/api/models/{model.pk}/card/?format=md").content.decode()

    assert card["slots"]["kl"]["metrics"]["qwk"]["value"] == 0.5
    assert "0.50 (0.40 to 0.60)" in text
    assert "Not measured" not in text


def test_a_card_of_phantoms_says_so(task: Task) -> None:
    model = make_model(task, card={"images": {"Osteon phantom": 30, "unknown": 10}})

    answer = client_of(make_reader(task)).get(f"/api/models/{model.pk}/card/?format=md")

    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert "30 of its 40 images are phantoms" in answer.content.decode()


def test_the_gate_calls_readers_as_the_card_does(task: Task, admin: User) -> None:
    ada, bob = make_reader(task), make_reader(task)
    of_each = {"metric": "qwk", "n": 34, "n_patients": 34, "figure": None}
    subgroups = [{"by": "reader", "value": str(user.pk), **of_each} for user in (ada, bob)]
    worse = "Worse: reader {} (34 patients): QWK -0.200; sex F (40 patients): QWK -0.100."
    groups = [{"by": "reader", "value": str(bob.pk)}, {"by": "sex", "value": "F"}]
    said: dict[str, Any] = {"passed": False, "code": "gate_worse_groups"}
    said["reason"] = worse.format(bob.pk)
    gate = {**said, "slots": {"kl": {**said, "parameters": {"groups": groups}}}}
    card = {"slots": {"kl": {"calibration": None, "subgroups": subgroups}}}
    model = make_model(task, "refused", gate=gate, card=card)
    history.record(model, history.What.MADE, None, str(said["reason"]))
    line = {"line": f"Gate: {said['reason']}", "code": "gate_said"}
    Job.objects.filter(pk=model.run.job_id).update(detail={"log": [line]})

    for user, name in ((admin, bob.display_name), (bob, "reader 2")):
        get = client_of(user).get
        [of_run] = get(f"/api/tasks/{task.pk}/training/").json()["runs"]
        [of_list] = get(f"/api/tasks/{task.pk}/models/").json()
        [event] = get(f"/api/tasks/{task.pk}/models/history/").json()
        [logged] = get(f"/api/runs/{model.run_id}/log/").json()["log"]
        shown = get(f"/api/models/{model.pk}/card/").json()
        sentence = worse.format("?").replace("reader ?", name)
        for found in (of_run, of_list, shown):
            [reason] = found["gate"]["reasons"]
            assert (found["gate"]["reason"], reason["reason"]) == (sentence, sentence)
            assert [one["value"] for one in reason["parameters"]["groups"]] == [name, "F"]
        assert [one["value"] for one in shown["judged"]["kl"]["subgroups"]][1] == name
        assert (event["reason"], logged["line"]) == (sentence, f"Gate: {sentence}")
        text = get(f"/api/models/{model.pk}/card/?format=md").content.decode()
        assert sentence in text
    assert bob.display_name in post(admin, f"{model.pk}/promote").json()["detail"]
