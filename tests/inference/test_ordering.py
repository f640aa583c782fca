from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from annotation.models import Annotation, Case, PatientSplit, Task
from annotation.reading import Save, submit
from annotation.worklist import claim
from inference import ordering
from inference.models import Prediction
from inference.ordering import Waiting, interleave
from tests.factories.annotation import (
    grade,
    make_cases,
    make_draft,
    make_read,
    make_reader,
    make_task,
)
from tests.factories.inference import keep_cases, make_prediction
from tests.factories.training import make_model


def in_order(task: Task) -> list[Case]:
    return list(Case.objects.filter(task=task, state="waiting").order_by("-priority", "pk"))


def ranked(task: Task) -> list[Case]:
    """The waiting cases that the model may order."""
    side = PatientSplit.objects.filter(task=task, split="test")
    tested = {one.patient_id for one in side}
    return [
        case
        for case in in_order(task)
        if not ordering.is_control(task, case.pk) and case.patient_id not in tested
    ]


def make_read_of(case: Case, reader: User, value: int) -> None:
    draft = Annotation.objects.create(case=case, reader=reader, form=case.task.forms.get())
    submit(draft.pk, reader, Save(0, grade(value)), f"read {case.pk}")


def stream(first: int, count: int, patients: int | None = None) -> list[Waiting]:
    """Cases with falling scores, each of a patient of his own unless there are fewer patients."""
    return [
        Waiting(first + n, first + (n % (patients or count)), 1 - n / count) for n in range(count)
    ]


def test_it_interleaves_every_fifth_case_from_the_control_stream() -> None:
    line = list(interleave(stream(100, 20), stream(200, 80), 0.2, (0, 0), 20))

    assert [case < 200 for case in line[:10]] == [True, *[False] * 4, True, *[False] * 4]
    assert sum(case < 200 for case in line[:50]) == 10
    assert sorted(line) == sorted([*range(100, 120), *range(200, 280)])


def test_it_makes_up_for_control_reads_that_fell_behind() -> None:
    behind = list(interleave(stream(100, 20), stream(200, 80), 0.2, (0, 10), 20))
    ahead = list(interleave(stream(100, 20), stream(200, 80), 0.2, (4, 10), 20))

    assert [case < 200 for case in behind[:4]] == [True, True, True, False]
    assert [case < 200 for case in ahead[:11]] == [*[False] * 10, True]


@given(
    share=st.floats(0.2, 1.0),
    rounds=st.lists(st.integers(1, 30), min_size=1, max_size=8),
    control=st.integers(20, 60),
    ranked=st.integers(20, 120),
)
def test_it_never_lets_the_control_share_fall_however_often_it_orders_anew(
    share: float, rounds: list[int], control: int, ranked: int
) -> None:
    left, read = {*range(1000, 1000 + control), *range(ranked)}, list[int]()
    for count in rounds:
        waiting = [Waiting(case, case, float(-case)) for case in left]
        line = list(
            interleave(
                [w for w in waiting if w.case >= 1000],
                [w for w in waiting if w.case < 1000],
                share,
                (sum(case >= 1000 for case in read), len(read)),
                20,
            )
        )
        read += line[:count]
        left -= set(read)
        if any(case >= 1000 for case in left):
            assert sum(case >= 1000 for case in read) >= share * len(read) - 1e-9


def test_it_gives_a_patient_one_case_a_batch_in_front() -> None:
    line = list(interleave([], stream(0, 60, patients=20), 0.2, (0, 0), 20))

    for batch in (line[:20], line[20:40], line[40:]):
        assert len({case % 20 for case in batch}) == 20


def test_it_ends_a_batch_early_when_only_few_patients_are_left() -> None:
    line = list(interleave([], stream(0, 6, patients=2), 0.2, (0, 0), 20))

    assert all(one % 2 != other % 2 for one, other in pairwise(line))
    assert sorted(line) == list(range(6))


@pytest.mark.django_db
def test_it_orders_at_random_but_always_alike_before_any_model() -> None:
    task = make_task()
    cases = make_cases(task, 30)

    ordering.order(task)
    first = in_order(task)
    Case.objects.update(priority=0.0)
    ordering.order(task)

    assert in_order(task) == first
    assert first != cases
    assert all(case.priority > 0 for case in first)


@pytest.mark.django_db
def test_it_puts_uncertain_cases_first_among_the_ranked() -> None:
    task = make_task()
    cases, model = make_cases(task, 40), make_model(task, "current")
    for number, case in enumerate(cases):
        make_prediction(case, model, uncertainty=1.0 if number % 4 == 0 else 0.01)

    ordering.order(task)

    certain = [case.predictions.get().slots["kl"]["uncertainty"] < 0.5 for case in ranked(task)]
    assert certain == sorted(certain)


@pytest.mark.django_db
def test_it_prefers_grades_that_the_references_lack() -> None:
    task = make_task()
    reader = make_reader(task)
    make_cases(task, 60)
    for _ in range(20):
        make_read(task, reader, value=0)
    model = make_model(task, "current")
    for number, case in enumerate(in_order(task)):
        make_prediction(case, model, value=4 if number % 2 else 0)

    ordering.order(task)

    values = [case.predictions.get().slots["kl"]["value"] for case in ranked(task)]
    assert sum(values[: len(values) // 2]) > 2 * sum(values[len(values) // 2 :])


@pytest.mark.django_db
def test_control_cases_stay_control_and_keep_their_order_whatever_the_model_says() -> None:
    task = make_task()
    cases = make_cases(task, 60)
    orders = []
    for certain_first in (True, False):
        model = make_model(task, "current")
        for case in cases:
            make_prediction(case, model, uncertainty=0.9 if certain_first == (case.pk % 2) else 0.1)
        ordering.order(task)
        orders.append([c.pk for c in in_order(task) if ordering.is_control(task, c.pk)])
        model.state = "retired"
        model.save()

    assert orders[0] == orders[1]
    assert 4 <= len(orders[0]) <= 24


@pytest.mark.django_db
def test_it_leaves_a_held_case_with_its_reader() -> None:
    task = make_task()
    reader = make_reader(task)
    make_cases(task, 10)
    held = make_draft(task, reader)
    before = Case.objects.get(pk=held.case_id)

    ordering.order(task)

    after = Case.objects.get(pk=held.case_id)
    assert (after.lease_reader, after.lease_until) == (reader, before.lease_until)
    assert claim(task, make_reader(task)) != held


def slots_of(of: dict[str, tuple[object, float]]) -> dict[str, Any]:
    return {
        slot: {"kind": "grade", "value": value, "probabilities": [], "uncertainty": uncertainty}
        for slot, (value, uncertainty) in of.items()
    }


@pytest.mark.django_db
def test_a_rare_value_that_is_certain_does_not_lift_another_slots_doubt() -> None:
    """Each slot is weighed by itself: what is rare in one says nothing of the uncertainty of another."""
    task = make_task()
    reader = make_reader(task)
    keep_cases(task, "train", 7)
    both = grade(0) | {"jsn@medial": {"state": "answered", "value": 0}}
    for number in range(5):
        submit(make_draft(task, reader).pk, reader, Save(0, both), f"both {number}")
    model = make_model(task, "current")
    doubtful, certain_and_rare = Case.objects.filter(task=task, state="waiting")[:2]
    for case, slots in (
        (doubtful, slots_of({"kl": (0, 0.8), "jsn@medial": (0, 0.1)})),
        (certain_and_rare, slots_of({"kl": (0, 0.6), "jsn@medial": (3, 0.0)})),
    ):
        Prediction.objects.create(case=case, model=model, slots=slots)
    scores = ordering._scores(task, model.pk)
    assert scores[doubtful.pk] > scores[certain_and_rare.pk]


@pytest.mark.django_db
def test_a_doubt_about_what_would_not_be_asked_lifts_no_case() -> None:
    task = make_task("fracture-radiograph")
    keep_cases(task, "train", 2)
    model = make_model(task, "current")
    doubtful, surely_whole = Case.objects.filter(task=task)
    box = {"kind": "boxes", "value": [], "probabilities": [], "uncertainty": 0.9}
    for case, value, uncertainty in ((doubtful, "present", 0.5), (surely_whole, "absent", 0.1)):
        said = {"kind": "presence", "value": value, "probabilities": [], "uncertainty": uncertainty}
        slots = {"fracture": said, "fractures": box}
        Prediction.objects.create(case=case, model=model, slots=slots)

    scores = ordering._scores(task, model.pk)

    assert scores[doubtful.pk] > 0.5
    assert scores[surely_whole.pk] < 0.2


@pytest.mark.django_db
def test_answers_of_the_locked_test_do_not_steer_what_is_learned_from() -> None:
    task = make_task()
    for case in keep_cases(task, "test", 3):
        make_read_of(case, make_reader(task), 4)
    assert ordering._rarity(task)("kl", 4) == 1.0


@pytest.mark.django_db
def test_cases_of_test_patients_are_read_in_an_order_that_no_model_chose() -> None:
    """Else the test would hold what the current model finds hard, and a new one would look better on it."""
    task = make_task()
    make_cases(task, 120)
    side = PatientSplit.objects.filter(task=task, split="test").values("patient")
    tested = list(Case.objects.filter(task=task, patient__in=side))
    others = Case.objects.filter(task=task).exclude(patient__in=side)
    orders = []
    for flip in (False, True):
        model = make_model(task, "current")
        for case in others:
            make_prediction(case, model, uncertainty=0.5)
        for number, case in enumerate(tested):
            make_prediction(case, model, uncertainty=0.9 if (number % 2 == 0) is flip else 0.1)
        ordering.order(task)
        orders.append([case.pk for case in in_order(task) if case in tested])
        model.state = "retired"
        model.save()

    assert orders[0] == orders[1]
    # and they are spread over the line
    places = [place for place, case in enumerate(in_order(task)) if case in tested]
    assert min(places) < 30
    assert max(places) > 90
