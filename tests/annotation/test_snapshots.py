import hashlib

import pytest
from django.db import ProgrammingError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.errors import Problem
from accounts.models import User
from annotation.models import Annotation, Snapshot, Task
from annotation.references import references
from annotation.snapshots import freeze, verify
from annotation.splits import split_of
from archive.models import Instance
from tests.factories.annotation import (
    grade,
    make_cases,
    make_images,
    make_read,
    make_reader,
    make_task,
    whole,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> Task:
    task = make_task()
    make_cases(task, 4)
    return task


@pytest.fixture
def reader(task: Task) -> User:
    return make_reader(task)


def second_read(first: Annotation, reader: User) -> Annotation:
    """A later read of the same case, as a lost lease leaves it."""
    return Annotation.objects.create(
        case=first.case,
        reader=reader,
        form=first.form,
        state="submitted",
        version=1,
        answers=grade(4),
        saved_at=first.saved_at,
        submitted_at=first.submitted_at,
    )


def test_it_freezes_the_references(task: Task, reader: User) -> None:
    reads = [make_read(task, reader, value) for value in (0, 3)]

    snapshot = freeze(task, reader)

    rows = list(snapshot.rows.all())
    assert [(row.case, row.annotation, row.answers) for row in rows] == [
        (read.case, read, whole(grade(value))) for read, value in zip(reads, (0, 3), strict=True)
    ]
    assert [row.patient for row in rows] == [read.case.patient.pseudonym for read in reads]
    assert [row.split for row in rows] == [split_of(task, read.case.patient) for read in reads]
    assert {len(row.pixel_hash) for row in rows} == {64}
    assert (snapshot.number, snapshot.by, verify(snapshot)) == (1, reader, True)


def test_nothing_to_freeze_is_said_in_a_sentence(task: Task) -> None:
    with pytest.raises(Problem, match="No case has a reference yet; read and submit at least one"):
        freeze(task)
    assert not Snapshot.objects.exists()


def test_the_same_references_are_the_same_snapshot(task: Task, reader: User) -> None:
    make_read(task, reader)
    first = freeze(task, reader)
    assert freeze(task) == first

    make_read(task, reader)
    second = freeze(task)
    assert (second.number, second.hash == first.hash) == (2, False)


def test_the_reference_is_the_first_read(task: Task, reader: User) -> None:
    first = make_read(task, reader, 1)
    second = second_read(first, make_reader(task))
    assert list(references(task)) == [first]
    assert list(references(task, unusable=[first.pk])) == [second]


def test_unusable_reads_are_left_out(task: Task, reader: User) -> None:
    kept, left = make_read(task, reader), make_read(task, reader)
    snapshot = freeze(task, unusable=[left.pk])
    assert [row.annotation for row in snapshot.rows.all()] == [kept]


def test_the_pixels_of_a_case_are_named_by_all_its_images_in_their_order() -> None:
    task = make_task()
    other = make_cases(task)[0]
    study = make_images(other.patient, images=2)
    make_cases(task)
    member = make_reader(task)
    reads = [make_read(task, member) for _ in range(2)]
    images = study.series.get().instances.order_by("instance_number")
    snapshot = freeze(task)
    alone = Instance.objects.get(series__case_series__case=reads[0].case)
    assert snapshot.rows.get(annotation=reads[0]).pixel_hash == alone.pixel_hash
    of_both = hashlib.sha256("\n".join(image.pixel_hash for image in images).encode())
    assert snapshot.rows.get(annotation=reads[1]).pixel_hash == of_both.hexdigest()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE annotation_snapshotcase SET answers = '{}'",
        "DELETE FROM annotation_snapshotcase",
        "UPDATE annotation_snapshot SET hash = 'x'",
    ],
)
def test_no_statement_changes_a_snapshot(task: Task, reader: User, statement: str) -> None:
    make_read(task, reader)
    snapshot = freeze(task)

    with (
        pytest.raises(ProgrammingError, match="Cannot"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert verify(snapshot)


def test_a_row_that_changed_all_the_same_is_found(task: Task, reader: User) -> None:
    make_read(task, reader)
    snapshot = freeze(task)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE annotation_snapshotcase DISABLE TRIGGER USER")
        cursor.execute("UPDATE annotation_snapshotcase SET split = 'other'")
        cursor.execute("ALTER TABLE annotation_snapshotcase ENABLE TRIGGER USER")
    assert not verify(snapshot)


@pytest.mark.parametrize("statement", ["UPDATE {} SET version = 7", "DELETE FROM {}"])
def test_no_statement_changes_the_history(task: Task, reader: User, statement: str) -> None:
    make_read(task, reader)
    with (
        pytest.raises(ProgrammingError, match="Cannot"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("annotation_annotationevent"))


def test_it_asks_as_many_queries_for_three_as_for_one(
    task: Task, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # savepoint, lock, references, who has a side, splits, pixels, latest, two inserts, release
    make_read(task, reader)
    with django_assert_num_queries(10):
        freeze(task)
    make_read(task, reader)
    make_read(task, reader)
    with django_assert_num_queries(10):
        freeze(task)
