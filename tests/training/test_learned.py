from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.kinds import KINDS
from annotation.models import Annotation, Case, Form, Task
from tests.factories.annotation import grade, make_images, make_patient, make_reader, make_task
from tests.factories.inference import keep_cases
from training import consider, learned, runs, teaching
from training.recipes import RECIPES

pytestmark = pytest.mark.django_db
MEASURE = {"key": "axis", "kind": "measure", "label": "Axis", "required": False, "sites": []}


def add(task: Task, cases: list[Case], answers: list[Any]) -> None:
    form, reader = task.forms.latest("version"), make_reader(task)
    Annotation.objects.bulk_create(
        Annotation(
            case=case,
            reader=reader,
            form=form,
            state="submitted",
            version=1,
            answers=answer,
            submitted_at=case.created_at,
        )
        for case, answer in zip(cases, answers, strict=True)
    )


def test_the_web_knows_every_recipe_with_its_figure() -> None:
    assert {kind: of.MAIN_METRIC for kind, of in RECIPES.items()} == learned.MAIN_METRIC
    assert KINDS.keys() - RECIPES.keys() == set(learned.UNLEARNED)


def test_a_form_without_anything_to_learn_says_so_at_once() -> None:
    task = make_task("fracture-radiograph")
    form = task.forms.get()
    Form.objects.create(task=task, version=2, content={**form.content, "fields": [MEASURE]})
    make_images(make_patient())

    decision = consider.consider(task)

    assert not decision.started
    assert decision.reason.startswith("Nothing can be learned from this form yet")
    with pytest.raises(Exception, match="Nothing can be learned"):
        runs.start(task, "fast", "A test", None)


def test_fields_that_no_recipe_learns_do_not_count_as_answers() -> None:
    task = make_task("fracture-radiograph")
    form = task.forms.get()
    fields = [*form.content["fields"], MEASURE]
    Form.objects.create(task=task, version=2, content={**form.content, "fields": fields})
    measures = [{"state": "answered", "value": [{"id": f"r{n}"}]} for n in range(12)]
    add(task, keep_cases(task, "train", 12), [{"axis": measure} for measure in measures])

    assert teaching.too_little(task).endswith("outside the locked test there are 0 with 0.")


def test_answers_are_read_only_until_they_suffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "AT_FIRST", 10)
    task, another = make_task(), make_task()
    add(task, keep_cases(task, "train", 40), [grade(n % 3) for n in range(40)])
    add(another, keep_cases(another, "train", 40), [grade(2)] * 40)

    with CaptureQueriesContext(connection) as few:
        assert teaching.too_little(task) == ""
    with CaptureQueriesContext(connection):
        assert teaching.too_little(another).endswith("there are 40 with 1.")

    [read] = [one["sql"] for one in few if '"answers"' in one["sql"]]
    assert "LIMIT 10" in read


def test_optional_fields_left_out_hold_no_training_back() -> None:
    task = make_task()
    answers = [grade(n % 3) | {"jsn@medial": {"state": "not_asked"}} for n in range(10)]
    add(task, keep_cases(task, "train", 10), answers)

    assert teaching.too_little(task) == ""
