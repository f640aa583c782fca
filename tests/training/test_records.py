"""What real runs leave behind: a card, what was said of the test, a log; and two of them compared by a job."""

import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from accounts.roles import Role
from inference.retraining import retrain
from tests.factories.annotation import make_reader
from tests.factories.jobs import run
from tests.factories.knees import add_knees, make_knee_task, read_knees
from training import comparing
from training.models import Comparison, Measured, ModelVersion

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_runs_leave_cards_that_can_be_compared_on_the_same_cases() -> None:
    task, truth = make_knee_task({"train": 25, "tune": 5, "test": 15})
    reader, admin = make_reader(task), make_reader(task, Role.ADMIN)
    read_knees(task, reader, truth)
    first = retrain(task, "fast", "A test", None)
    run(first.job)
    read_knees(task, reader, add_knees(task, {"train": 5, "test": 5}))
    read_knees(task, reader, add_knees(task, {"train": 2}, same_picture=True))
    second = retrain(task, "fast", "Another", None)
    run(second.job)
    older, newer = ModelVersion.objects.filter(task=task).order_by("number")

    assert Measured.objects.filter(model=older).count() == 15
    assert Measured.objects.filter(model=newer).count() == 20
    client = Client()
    client.force_login(admin)
    card = client.get(f"/api/models/{newer.pk}/card/").json()
    assert card["counts"]["splits"]["test"]["cases"] == 20
    # the same picture twice teaches once
    assert sum(card["counts"]["splits"]["train"]["slots"]["kl"].values()) == 30 + 1
    assert card["counts"]["cases"] == second.snapshot.rows.count() - 1
    assert card["judged"]["kl"]["calibration"]["n"] == 20
    assert {group["by"] for group in card["judged"]["kl"]["subgroups"]} == {
        "manufacturer",
        "reader",
        "sex",
    }
    assert card["snapshot"]["hash"] == second.snapshot.hash
    assert (card["seed"], card["weights"]) == (second.seed, newer.weights)
    assert len(card["code"]["sha256"]) == 64
    times = [card["run"][at] for at in ("queued_at", "started_at", "finished_at")]
    assert times == sorted(times)
    ended = parse_datetime(times[-1])
    assert ended is not None
    assert ended <= now()
    assert card["missing"] == {
        "unread": {"train": 0, "tune": 0, "test": 0},
        "differing": 1,
        "learned_before": 0,
    }
    assert card["gate"]["test_uses"] == card["test_uses_now"] == 2
    text = client.get(f"/api/models/{newer.pk}/card/?format=md").content.decode()
    assert "## Kellgren-Lawrence grade" in text
    assert newer.run.snapshot.hash in text
    assert "| n | Grade | Sensitivity | Specificity |" in text

    log = client.get(f"/api/runs/{second.pk}/log/").json()["log"]
    assert log[-1]["line"] == f"Gate: {newer.gate['reason']}"
    assert "Locked test, kl: 20 cases of 20 patients." in [one["line"] for one in log]

    asked = comparing.compare(newer, older, admin)
    run(asked.job)
    result = Comparison.objects.get(pk=asked.pk).result
    assert result is not None
    assert (result["n"], result["n_patients"]) == (15, 15)  # those that both were measured on
    kl = result["slots"]["kl"]
    assert kl["older"]["qwk"] == older.metrics["kl"]["qwk"]
    difference = kl["newer"]["qwk"]["value"] - kl["older"]["qwk"]["value"]
    assert kl["difference"]["value"] == pytest.approx(difference)
    assert kl["difference"]["low"] <= difference <= kl["difference"]["high"]
    said = {one.case_id: one.slots["kl"]["value"] for one in Measured.objects.filter(model=newer)}
    assert all(said[row["case"]] == row["newer"] != row["older"] for row in kl["disagree"])
