"""Many readers at once, each with a connection of his own."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from accounts.models import User
from annotation.models import Annotation, Case, CaseSeries, Task
from annotation.worklist import claim, set_priorities
from tests.factories.annotation import make_cases, make_images, make_patient, make_reader, make_task

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def without_pool() -> Iterator[None]:
    """A connection a thread, as if each were a web process: the pool would let only a dozen meet."""
    options = connections.settings["default"]["OPTIONS"]
    pool = options.pop("pool")
    try:
        yield
    finally:
        options["pool"] = pool


def at_once(calls: list[Callable[[], None]]) -> None:
    """Runs each in a thread, all from the same moment; raises what any of them raised."""
    barrier = threading.Barrier(len(calls))
    raised: list[BaseException] = []

    def run(call: Callable[[], None]) -> None:
        try:
            barrier.wait()
            call()
        except BaseException as error:  # handed to the test below
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    with without_pool():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if raised:
        raise raised[0]


def make_bare_cases(task: Task, cases: int) -> None:
    """All of one image."""
    patient = make_patient()
    series = make_images(patient).series.get()
    made = Case.objects.bulk_create(
        Case(task=task, patient=patient, key=str(number), name="P") for number in range(cases)
    )
    CaseSeries.objects.bulk_create(CaseSeries(case=case, series=series) for case in made)


def test_fifty_readers_share_a_thousand_cases_without_a_double() -> None:
    task = make_task()
    make_bare_cases(task, 1000)
    given: list[int] = []

    def reads(reader: User) -> Callable[[], None]:
        def read() -> None:
            held: list[int] = []
            while draft := claim(task, reader, held):
                held.append(draft.pk)
                given.append(draft.case_id)

        return read

    at_once([reads(make_reader(task)) for _ in range(50)])

    assert [case for case, times in Counter(given).items() if times > 1] == []
    assert len(given) == 1000
    assert Annotation.objects.count() == 1000


def test_nobody_is_told_that_none_is_left_while_priorities_are_written() -> None:
    task = make_task()
    cases = make_cases(task, 3)
    reader = make_reader(task)
    written, claimed = threading.Event(), []

    def order() -> None:
        with transaction.atomic():
            set_priorities(task, {case.pk: 1.0 + case.pk for case in cases})
            written.set()
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_sleep(0.3)"
                )  # the transaction that holds the rows takes its time

    def ask() -> None:
        assert written.wait(10)
        claimed.append(claim(task, reader))

    at_once([order, ask])

    assert [draft.case in cases for draft in claimed if draft] == [True]


def test_rows_that_point_to_a_case_do_not_hide_it_while_they_are_written() -> None:
    task = make_task()
    (case,) = make_cases(task)
    reader = make_reader(task)
    locked, asked = threading.Event(), threading.Event()
    claimed: list[Annotation | None] = []

    def point() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # what a foreign key to the case does when it is checked
            cursor.execute("SELECT FROM annotation_case WHERE id = %s FOR KEY SHARE", [case.pk])
            locked.set()
            assert asked.wait(5)

    def ask() -> None:
        assert locked.wait(5)
        claimed.append(claim(task, reader))
        asked.set()

    at_once([point, ask])

    assert [draft.case for draft in claimed if draft] == [case]


def test_a_reader_with_two_tabs_gets_one_draft_a_case() -> None:
    task = make_task()
    make_cases(task, 1)
    reader = make_reader(task)

    def ask() -> None:
        claim(task, reader)

    at_once([ask] * 8)

    assert Annotation.objects.count() == 1
