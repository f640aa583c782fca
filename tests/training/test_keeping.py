"""What the end of a run writes down."""

import pytest

from tests.factories.annotation import make_task
from tests.factories.training import make_run, store_bytes
from tests.training.engine_cases import KL, answered, grade_prediction, grades
from training.engine.examples import Example
from training.judging import verdict
from training.models import ModelEvent
from training.recording import Papers
from training.run import Judged, keep

pytestmark = pytest.mark.django_db
SITES = [f"site{number}" for number in range(13)]
MEASURED = {"kl@site0": {"n": 80}}


def test_history_keeps_the_gates_word_on_many_answers_whole() -> None:
    test, said = [], []
    for number, grade in enumerate(grades(80)):
        slots = {f"kl@{site}": grade for site in SITES}
        answers = {slot: answered(value) for slot, value in slots.items()}
        test.append(Example(f"case{number}", f"patient{number}", "test", answers, "R"))
        said.append({slot: grade_prediction(value) for slot, value in slots.items()})
    gate = verdict([{**KL, "sites": SITES}], test, said, said, seed=0)

    run = make_run(make_task())
    model = keep(run, Judged(store_bytes(b"many"), "e" * 64, MEASURED, gate, None, Papers({}, {})))

    assert len(gate["reason"]) > 1000
    assert ModelEvent.objects.get(model=model, what="made").reason == gate["reason"]
