"""What waits for the text detector is looked at, whoever was killed meanwhile, and only places are kept."""

import threading
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from archive import check_text, stand_back
from archive.ingest import ingest_bytes
from archive.jobs import KIND, check, keep_checking
from archive.models import Instance
from archive.text_detector import Writing
from jobs.models import Job
from jobs.running import Cancelled, Running
from tests.factories.archive import make_file
from tests.factories.writing import limb, write

pytestmark = pytest.mark.django_db
NAME = "MUSTERMANN ANNA"


@pytest.fixture(autouse=True)
def searched(settings: Any) -> None:
    settings.CHECK_TEXT = True


def bring(text: str = "", frames: int = 0, **elements: Any) -> Instance:
    picture = write(limb(300, 260), text, (20, 250), size=20) if text else limb(300, 260)
    pixels = np.stack([limb(300, 260)] * (frames - 1) + [picture]) if frames else picture
    item = ingest_bytes("a.dcm", make_file(pixels, **elements))
    return Instance.everything.get(sop_instance_uid=item.sop_instance_uid)


def test_it_makes_ready_what_shows_nothing_and_holds_what_shows_a_name() -> None:
    bare, named, film = bring(), bring(NAME), bring(NAME, frames=3)
    assert {one.state for one in (bare, named, film)} == {"checking"}
    told: list[tuple[int, int]] = []

    checked = check_text.run_waiting(progress=lambda done, count: told.append((done, count)))

    assert (checked.ready, checked.held) == (1, 2)
    for one in (bare, named, film):
        one.refresh_from_db(from_queryset=Instance.everything.all())
    assert (bare.state, bare.text_boxes) == ("ready", [])
    assert (named.state, film.state) == ("held", "held")
    assert [reason["code"] for reason in named.hold_reasons] == ["text_found"]
    [x, y, *_] = named.text_boxes[0]
    assert abs(x - 20) < 15
    assert 230 < y < 265
    assert "MUSTER" not in str(vars(named)).upper()
    assert told == [(3, 3)]
    assert not check_text.waiting()


def test_it_keeps_the_markers_that_it_reads() -> None:
    marked = bring("R")

    check_text.run_waiting()

    marked.refresh_from_db(from_queryset=Instance.everything.all())
    assert (marked.state, marked.markers) == ("ready", "R")


def test_it_holds_what_its_header_suspects_and_marks_the_text() -> None:
    named, bare = bring(NAME, BurnedInAnnotation="YES"), bring(BurnedInAnnotation="YES")

    assert check_text.run_waiting().held == 2

    for one in (named, bare):
        one.refresh_from_db(from_queryset=Instance.everything.all())
    assert [reason["code"] for reason in named.hold_reasons] == [
        "burned_in_annotation",
        "text_found",
    ]
    assert len(named.text_boxes) > 0
    assert [reason["code"] for reason in bare.hold_reasons] == ["burned_in_annotation"]
    assert bare.text_boxes == []


def test_it_stops_at_its_limit_and_goes_on_later() -> None:
    for _ in range(3):
        bring()

    assert check_text.run_waiting(limit=2).ready == 2
    assert Instance.everything.filter(state="checking").count() == 1
    assert check_text.run_waiting().ready == 1


def test_it_holds_what_cannot_be_searched(originals: Any) -> None:
    instance = bring()
    (originals / instance.file).write_bytes(b"")

    check_text.run_waiting()

    instance.refresh_from_db(from_queryset=Instance.everything.all())
    assert (instance.state, instance.hold_reasons[0]["code"]) == ("held", "not_checked")


@pytest.mark.django_db(transaction=True)
def test_one_that_breaks_the_search_keeps_no_other_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, other = bring(), bring()

    def find(picture: Any) -> Any:
        monkeypatch.undo()  # only the first
        raise MemoryError

    monkeypatch.setattr("archive.check_text.find_text", find)
    checked = check_text.run_waiting()

    broken.refresh_from_db(from_queryset=Instance.everything.all())
    assert (checked.held, checked.ready) == (1, 1)
    assert [reason["code"] for reason in broken.hold_reasons] == ["not_checked"]
    assert Instance.objects.get() == other


@pytest.mark.django_db(transaction=True)
def test_it_leaves_to_another_what_he_is_looking_at() -> None:
    first, second = bring(), bring()
    locked, over = threading.Event(), threading.Event()

    def other() -> None:
        try:
            with transaction.atomic():
                Instance.everything.select_for_update().get(pk=first.pk)
                locked.set()
                over.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    try:
        assert locked.wait(60)
        assert check_text.run_waiting(limit=1).ready == 1
    finally:
        over.set()
        thread.join()
    assert Instance.everything.get(pk=first.pk).state == "checking"
    assert Instance.everything.get(pk=second.pk).state == "ready"
    assert check_text.run_waiting().all == 1


def test_it_stops_between_batches_when_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_text, "BATCH", 1)
    for _ in range(3):
        bring()

    def stop(*_: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        check_text.run_waiting(progress=stop)
    assert Instance.everything.filter(state="checking").count() == 2


def test_it_is_asked_for_by_beat_once_while_any_waits() -> None:
    keep_checking()
    assert not Job.objects.exists()
    bring()

    keep_checking()
    keep_checking()

    job = Job.objects.get()
    assert (job.kind, job.queue) == (KIND, "ingest")
    assert check(Running(job)) == {"ready": 1, "held": 0}


def test_its_worker_leaves_the_processor_to_others_while_it_searches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not stand_back.SESSION.exists() or not stand_back.SESSION.read_text():
        pytest.skip("This system does not deal the processor out by sessions.")
    bring()
    during: list[str] = []

    def find(picture: Any) -> Writing:
        during.append(stand_back.SESSION.read_text())
        return Writing([], [])

    monkeypatch.setattr("archive.check_text.find_text", find)
    keep_checking()
    check(Running(Job.objects.get()))

    assert during[0].endswith(f"nice {stand_back.NICENESS}\n")
    assert stand_back.SESSION.read_text().endswith("nice 0\n")
