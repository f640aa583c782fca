from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from annotation import splits
from annotation.cases import build_cases
from annotation.models import PatientSplit, Task
from archive.models import Patient
from tests.factories.annotation import make_images, make_patient, make_task

SPLITS = {"train", "tune", "test"}
IDS = st.lists(
    st.text("0123456789abcdef", min_size=1, max_size=8), min_size=1, max_size=12, unique=True
)


def test_chance_keeps_its_shares() -> None:
    drawn = [splits.drawn(1, f"patient-{number}") for number in range(10_000)]
    shares = {split: drawn.count(split) / 10_000 for split in splits.Split}
    assert shares == pytest.approx({"train": 0.7, "tune": 0.1, "test": 0.2}, abs=0.015)


def test_another_seed_draws_another_split() -> None:
    patients = [f"patient-{number}" for number in range(100)]
    assert [splits.drawn(1, p) for p in patients] != [splits.drawn(2, p) for p in patients]


@pytest.mark.django_db
def test_a_given_split_counts_at_the_first_assignment_only() -> None:
    task, patient = make_task(), make_patient("a")
    assert splits.split_of(task, patient) is None

    assert splits.assign(task, [patient], {"a": "test"}) == 1
    assert splits.assign(task, [patient], {"a": "train"}) == 0

    assert splits.split_of(task, patient) == "test"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE annotation_patientsplit SET split = 'train' WHERE patient_id = %s",
        "DELETE FROM annotation_patientsplit WHERE patient_id = %s",
    ],
)
def test_no_statement_moves_a_patient(statement: str) -> None:
    task, patient = make_task(), make_patient()
    splits.assign(task, [patient], {patient.patient_id: "test"})

    with (
        pytest.raises(ProgrammingError, match="Cannot"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [patient.pk])

    assert splits.split_of(task, patient) == "test"


@pytest.mark.django_db
def test_a_split_without_tune_gives_an_eighth_of_train_to_it() -> None:
    task = make_task()
    given = {f"p{number}": "train" if number % 5 else "test" for number in range(1000)}

    found = splits.with_tune(task, given)

    assert {p for p, split in found.items() if split == "test"} == {
        p for p, s in given.items() if s == "test"
    }
    assert sum(split == "tune" for split in found.values()) == pytest.approx(100, abs=25)
    assert splits.with_tune(task, found) == found


class Imports(TestCase):
    """Patients arrive in any order, in any portions, with one or several studies each, twice or once."""

    @given(ids=IDS, data=st.data())
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_it_puts_each_patient_on_one_side_whatever_the_order(
        self, ids: list[str], data: Any
    ) -> None:
        orders = [data.draw(st.permutations(ids)), data.draw(st.permutations(ids))]
        found = [self.arrive(make_task(seed=7), order, data) for order in orders]

        assert found[0] == found[1]
        assert found[0] == {patient_id: splits.drawn(7, patient_id) for patient_id in ids}

    def arrive(self, task: Task, order: list[str], data: Any) -> dict[str, str]:
        for patient_id in order:
            patient = Patient.objects.filter(patient_id=patient_id).first() or make_patient(
                patient_id
            )
            for side in data.draw(st.lists(st.sampled_from(["R", "L"]), min_size=1, max_size=2)):
                make_images(patient, side)
            if data.draw(st.booleans()):
                build_cases(task)
        build_cases(task)
        build_cases(task)
        rows = PatientSplit.objects.filter(task=task, patient__patient_id__in=order)
        pairs = list(rows.values_list("patient__patient_id", "split"))
        assert len(pairs) == len(order)  # one side a patient, never two
        return dict(pairs)
