"""Predictions of real files with a real network, and a simulated reader round the whole loop."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import call_command

from annotation.models import Annotation, Case, Task
from annotation.worklist import set_priorities
from archive.models import Instance
from inference import keep_current, predict
from inference.models import Prediction, Showing
from inference.retraining import retrain
from tests.factories.annotation import make_reader
from tests.factories.jobs import run, run_due
from tests.factories.knees import SENT_AS, add_knees, make_knee_task, read_knees
from training import promotion
from training.models import ModelVersion

pytestmark = pytest.mark.django_db(transaction=True)


def make_trained_task(waiting: int) -> tuple[Task, ModelVersion, list[int]]:
    task, truth = make_knee_task({"train": 25, "tune": 5, "test": 15})
    read_knees(task, make_reader(task), truth)
    new = add_knees(task, {"train": waiting})
    run(retrain(task, "fast", "A test", None).job)
    model = promotion.current(task)
    assert model is not None
    return task, model, sorted(new)


def test_it_predicts_what_waits_replaces_what_is_stale_and_orders() -> None:
    task, model, new = make_trained_task(waiting=6)
    keep_current.keep(task)
    [job] = run_due()
    assert job.result == {"predicted": 6, "unreadable": 0, "set_aside": []}
    first = Prediction.objects.filter(model=model)
    assert sorted(first.values_list("case", flat=True)) == new
    for prediction in first:
        of = prediction.slots["kl"]
        assert abs(sum(of["probabilities"]) - 1) < 1e-6
        assert 0 <= of["uncertainty"] <= 1
    assert not Case.objects.filter(state="waiting", priority=0.0).exists()

    run(retrain(task, "fast", "Again", None).job)
    again = promotion.current(task)
    assert again is not None
    assert again != model
    keep_current.keep(task)
    run_due()

    assert Prediction.objects.filter(model=again).count() == 6
    assert not Prediction.objects.filter(model=model).exists()


def test_it_begins_with_what_is_read_next_and_keeps_it_batch_by_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(predict, "BATCH", 2)
    task, model, new = make_trained_task(waiting=5)
    line = [new[number] for number in (3, 0, 4, 1, 2)]
    set_priorities(task, {case: 1 - place / 10 for place, case in enumerate(line)})
    there: list[set[int]] = []

    def look(done: int, of: int) -> None:
        there.append(set(Prediction.objects.values_list("case", flat=True)))

    predict.predict_open_cases(model, look)

    assert {frozenset(seen) for seen in there} == {frozenset(line[:kept]) for kept in (0, 2, 4, 5)}


def test_a_case_that_is_read_meanwhile_or_already_gets_none() -> None:
    _, model, new = make_trained_task(waiting=2)
    Case.objects.filter(pk=new[0]).update(state="read")

    assert predict.predict_open_cases(model, lambda done, of: None).predicted == 1

    assert list(Prediction.objects.values_list("case", flat=True)) == new[1:]


def test_it_stops_when_another_model_became_current() -> None:
    task, model, _ = make_trained_task(waiting=3)
    run(retrain(task, "fast", "Again", None).job)
    assert promotion.current(task) != model

    assert predict.predict_open_cases(model, lambda done, of: None) == predict.Outcome(0, 0)

    assert not Prediction.objects.exists()


def test_a_batch_that_ends_after_a_promotion_leaves_what_the_new_model_said() -> None:
    task, model, new = make_trained_task(waiting=2)
    run(retrain(task, "fast", "Again", None).job)
    newer = promotion.current(task)
    assert newer is not None
    promotion.promote(model, None)

    def replaced(done: int, of: int) -> None:
        """Somebody asks for a case with the new model while the batch is under way."""
        if promotion.current(task) == model:
            promotion.promote(newer, None)
            predict.predict(newer, new[:1], lambda *_: None)

    predict.predict_open_cases(model, replaced)

    assert list(Prediction.objects.values_list("case", "model")) == [(new[0], newer.pk)]


def test_it_uses_the_embeddings_that_are_there() -> None:
    _, model, new = make_trained_task(waiting=3)
    predict.predict_open_cases(model, lambda done, of: None)
    Prediction.objects.all().delete()
    for instance in Instance.objects.filter(series__cases__in=new):
        storages["originals"].delete(instance.file)

    outcome = predict.predict_open_cases(model, lambda done, of: None)

    assert outcome.predicted == 3


def test_a_simulated_reader_goes_round_the_loop(tmp_path: Path) -> None:
    task, truth = make_knee_task({"train": 45, "tune": 5, "test": 15})
    labels = tmp_path / "labels.csv"
    write_labels(labels, truth)
    out = StringIO()

    call_command(
        "simulate",
        str(task.pk),
        labels=labels,
        at=[20, 40],
        inline=True,
        json=tmp_path / "rounds.json",
        stdout=out,
    )

    rounds = json.loads((tmp_path / "rounds.json").read_text())
    assert [(one["labels"], one["model"], one["speed"]) for one in rounds] == [
        (20, 1, "fast"),
        (40, 2, "fast"),
    ]
    assert rounds[0]["state"] == "current"
    assert rounds[0]["predictions"] + rounds[0]["labels"] == 50
    assert all(-1 <= one["qwk"] <= 1 and 0 <= one["accuracy"] <= 1 for one in rounds)
    test_reads = Showing.objects.filter(annotation__case__patient__splits__split="test")
    assert test_reads.count() == 15
    assert not test_reads.exclude(arm="unassisted").exists()
    assert Annotation.objects.filter(state="submitted").count() == 55
    task.refresh_from_db()
    assert task.retrain_every == 20
    assert "QWK" in out.getvalue()


def write_labels(path: Path, truth: dict[int, int]) -> None:
    """As a data set comes: the patients under the names that they were sent with."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "patient_id", "laterality", "kl_grade"])
        for case in Case.objects.filter(pk__in=truth).select_related("patient"):
            writer.writerow(["", SENT_AS[case.patient.patient_id], case.laterality, truth[case.pk]])
