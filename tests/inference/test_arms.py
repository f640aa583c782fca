import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from annotation import arrivals
from annotation.models import Annotation, Case, PatientSplit, Task
from annotation.reading import Save, save_draft
from inference import arms
from inference.models import Showing
from tests.factories.annotation import (
    grade,
    make_cases,
    make_draft,
    make_images,
    make_patient,
    make_reader,
    make_task,
)
from tests.factories.inference import make_prediction, proposal
from tests.factories.training import make_model
from training import promotion

pytestmark = pytest.mark.django_db


def make_split_cases(task: Task, split: str, count: int) -> list[Case]:
    """Cases of patients on one side, whose predictions there are."""
    cases: list[Case] = []
    while len(cases) < count:
        cases += [
            case
            for case in make_cases(task, 10)
            if PatientSplit.objects.get(task=task, patient=case.patient).split == split
        ]
    return cases[:count]


def make_read_of(case: Case, reader: User) -> Annotation:
    form = case.task.forms.get()
    return Annotation.objects.create(case=case, reader=reader, form=form)


def test_it_draws_the_same_arm_for_the_same_read() -> None:
    task = make_task()
    reader = make_reader(task)
    [case] = make_split_cases(task, "train", 1)
    read = make_read_of(case, reader)

    drawn = {arms.draw(task, read).arm for _ in range(5)}

    assert len(drawn) == 1
    assert Showing.objects.filter(annotation=read).count() == 1


def test_what_a_reader_has_seen_stays_until_a_new_model_has_come_to_the_case() -> None:
    task = make_task()
    task.unassisted_share = 0.0
    task.save()
    reader, old = make_reader(task), make_model(task, "current")
    [case] = make_split_cases(task, "train", 1)
    make_prediction(case, old)
    read = make_read_of(case, reader)
    seen = arms.draw(task, read)

    promotion.promote(make_model(task), reader)
    again = arms.draw(task, read)

    assert seen.model == again.model == old.pk
    assert Showing.objects.get(annotation=read).model == old


def test_a_patient_whose_side_is_open_gets_it_before_his_first_read_is_handed_out() -> None:
    task = make_task()
    task.unassisted_share = 0.0
    task.save()
    reader, model = make_reader(task), make_model(task, "current")
    for _ in range(20):
        make_images(make_patient())
    arrivals.take(task)
    assert not PatientSplit.objects.filter(task=task).exists()
    for case in Case.objects.filter(task=task).select_related("patient", "task"):
        make_prediction(case, model)

        shown = arms.draw(task, make_read_of(case, reader))

        side = PatientSplit.objects.get(task=task, patient=case.patient).split
        assert shown.arm == ("unassisted" if side == "test" else "assisted")
    assert set(PatientSplit.objects.values_list("split", flat=True)) >= {"test", "train"}


def test_it_keeps_about_the_share_unassisted_for_every_reader() -> None:
    task = make_task()
    cases = make_split_cases(task, "train", 200)
    for reader in (make_reader(task), make_reader(task)):
        drawn = [arms.draw(task, make_read_of(case, reader)).arm for case in cases]

        assert 0.15 < drawn.count("unassisted") / len(drawn) < 0.35


def test_it_never_shows_a_prediction_of_a_test_patient() -> None:
    task = make_task()
    task.unassisted_share = 0.0
    task.save()
    reader, model = make_reader(task), make_model(task, "current")
    for case in make_split_cases(task, "test", 20):
        make_prediction(case, model)

        shown = arms.draw(task, make_read_of(case, reader))

        assert shown == arms.Shown("unassisted")
    assert arms.unusable(task) == []


def test_it_finds_test_reads_that_were_made_with_a_prediction_in_sight() -> None:
    task = make_task()
    [case] = make_split_cases(task, "test", 1)
    read = make_read_of(case, make_reader(task))
    Showing.objects.create(annotation=read, arm="assisted", slots=proposal())

    assert arms.unusable(task) == [read.pk]


def make_assisted_task() -> Task:
    task = make_task()
    task.unassisted_share = 0.0
    task.save()
    return task


def test_it_shows_what_the_current_model_says_now_until_the_reader_saves() -> None:
    task = make_assisted_task()
    reader = make_reader(task)
    [case] = make_split_cases(task, "train", 1)
    read = make_read_of(case, reader)
    before = arms.draw(task, read)
    first = make_model(task, "current")
    make_prediction(case, first, value=1)
    with_first = arms.draw(task, read)
    second = make_model(task)
    promotion.promote(second, None)
    make_prediction(case, second, value=3)
    with_second = arms.draw(task, read)

    assert before == arms.Shown("assisted")
    assert with_first == arms.Shown("assisted", first.pk, 1, proposal(1))
    assert with_second == arms.Shown("assisted", second.pk, 2, proposal(3))
    showing = Showing.objects.get(annotation=read)
    assert (showing.model, showing.slots) == (second, proposal(3))
    assert showing.shown_at is not None


def test_it_keeps_what_the_reader_saw_from_his_first_save_on() -> None:
    task = make_assisted_task()
    reader = make_reader(task)
    [case] = make_split_cases(task, "train", 1)
    Case.objects.exclude(pk=case.pk).delete()
    read = make_draft(task, reader)
    first = make_model(task, "current")
    make_prediction(case, first, value=1)
    seen = arms.draw(task, read)
    save_draft(read.pk, reader, Save(0, grade(1)), "key")
    second = make_model(task)
    promotion.promote(second, None)
    make_prediction(case, second, value=3)

    read.refresh_from_db()

    assert arms.draw(task, read) == seen
    assert Showing.objects.get(annotation=read).model == first


def test_it_does_not_show_what_a_retired_model_said() -> None:
    task = make_assisted_task()
    [case] = make_split_cases(task, "train", 1)
    make_prediction(case, make_model(task, "retired"))

    shown = arms.draw(task, make_read_of(case, make_reader(task)))

    assert shown == arms.Shown("assisted")


def test_it_asks_the_database_twice() -> None:
    task = make_assisted_task()
    [case] = make_split_cases(task, "train", 1)
    make_prediction(case, make_model(task, "current"))
    read = make_read_of(case, make_reader(task))

    with CaptureQueriesContext(
        connection,
    ) as first:
        arms.draw(task, read)
    with CaptureQueriesContext(connection) as again:
        arms.draw(task, read)

    assert (len(first), len(again)) == (2, 1)
