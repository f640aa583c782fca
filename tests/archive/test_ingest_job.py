"""The job that ingests an upload: its report, its end, and what happens when it does not end well."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from archive.models import Instance, Upload, UploadFile, UploadItem
from archive.report import Book, Item, Overtaken
from archive.tidy import tidy
from archive.uploads import take
from jobs.cancel import cancel
from jobs.claim import claim
from jobs.events import Event
from jobs.lifeline import connection_parameters
from jobs.models import Job
from jobs.runner import KINDS, Running, work
from tests.factories.accounts import client_of, make_user
from tests.factories.archive import make_file, make_picture
from tests.factories.jobs import expire, run
from tests.factories.uploads import announce, items, new_upload, send, shown, start
from tests.factories.zips import make_zip

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff() -> Client:
    return client_of(make_user("ada", is_staff=True))


def test_it_takes_a_mixed_delivery_and_says_what_became_of_each(staff: Client) -> None:
    knee, picture = make_file(), make_picture()
    csv = b"file,patient_id,laterality,body_part_examined\npic.png,7,L,KNEE\n"
    files = {"IM1": knee, "IM2": knee, "bad": b"x", "pic.png": picture, "labels.csv": csv}

    upload = send(staff, files)
    answer = start(staff, upload)

    assert (answer["state"], answer["way"], answer["by"]) == ("done", "page", "ada")
    assert (answer["taken"], answer["already"], answer["held"], answer["refused"]) == (2, 1, 0, 1)
    assert (answer["files"], answer["bytes"]) == (5, sum(map(len, files.values())))
    found = items(staff, upload)
    outcomes = {item["name"]: item["outcome"] for item in found}
    assert outcomes == {"IM1": "taken", "IM2": "already", "bad": "refused", "pic.png": "taken"}
    assert found[2]["reason"] == "bad is neither DICOM, PNG nor JPEG; export it as DICOM."
    assert Instance.objects.count() == 2


def test_nothing_that_was_sent_stays_where_it_was_received(staff: Client, tmp_path: Path) -> None:
    upload = send(staff, {"Knee of Ada Lovelace.dcm": make_file()})
    [received] = (tmp_path / "incoming").iterdir()
    mode, name = received.stat().st_mode & 0o777, received.name

    start(staff, upload)

    assert mode == 0o600
    assert "Lovelace" not in name
    assert list((tmp_path / "incoming").iterdir()) == []


def test_no_name_of_a_file_is_readable_in_the_database(staff: Client) -> None:
    upload = send(staff, {"Lovelace/Ada.dcm": b"x"})
    start(staff, upload)

    sealed = [
        *UploadFile.objects.values_list("sealed_name", flat=True),
        *UploadItem.objects.values_list("sealed_name", flat=True),
    ]

    assert len(sealed) == 2
    assert not any(b"Ada" in bytes(name) for name in sealed)
    assert "Ada" not in UploadItem.objects.get().reason
    assert items(staff, upload)[0]["name"] == "Lovelace/Ada.dcm"


def test_it_passes_over_what_systems_leave_in_folders(staff: Client) -> None:
    files = {"a/DICOMDIR": b"x", "a/.DS_Store": b"x", "a/Thumbs.db": b"x", "a/__MACOSX/IM1": b"x"}

    upload = send(staff, files | {"a/IM1": make_file()})
    start(staff, upload)

    assert [item["name"] for item in items(staff, upload)] == ["a/IM1"]


def test_it_says_what_a_dicomdir_is_when_it_is_all_that_was_chosen(staff: Client) -> None:
    upload = send(staff, {"DICOMDIR": b"x"})
    start(staff, upload)

    [item] = items(staff, upload)

    assert (item["outcome"], item["code"]) == ("refused", "dicomdir")
    assert "send the folder" in item["reason"]


def test_it_refuses_a_bad_csv_by_name_and_takes_the_rest(staff: Client) -> None:
    upload = send(staff, {"IM1": make_file(), "labels.csv": b"a,b\n1,2\n"})

    answer = start(staff, upload)

    assert (answer["taken"], answer["refused"]) == (1, 1)
    assert items(staff, upload)[0]["reason"].startswith(
        "labels.csv lacks the column file and patient_id"
    )


def test_a_refusal_of_a_csv_repeats_neither_its_name_nor_its_cells(staff: Client) -> None:
    table = b"file,patient_id,laterality\nIM1.png,4711,Lovelace\n"
    start(staff, send(staff, {"Ada.csv": table}))

    [item] = UploadItem.objects.all()

    assert item.outcome == "refused"
    assert not any(name in item.reason.lower() for name in ("ada", "lovelace"))


def test_it_uses_none_of_several_csvs(staff: Client) -> None:
    upload = send(staff, {"a.csv": b"file,patient_id\n", "b.csv": b"file,patient_id\n"})
    start(staff, upload)

    assert [item["code"] for item in items(staff, upload)] == ["csv_several", "csv_several"]


def test_it_takes_an_empty_file_for_what_it_is(staff: Client) -> None:
    upload = new_upload(staff)
    announce(staff, upload, "empty.dcm", 0)
    start(staff, upload)

    assert items(staff, upload)[0]["reason"] == "empty.dcm is empty; send it again."


def test_it_pages_through_items_and_picks_those_of_one_outcome(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.api_uploads.PAGE", 2)
    upload = send(staff, {"a": b"x", "b": make_file(), "c": b"y", "d": b"z"})
    start(staff, upload)
    url, seen, cursor = f"/api/uploads/{upload}/items/", [], ""

    while cursor is not None:
        page = staff.get(url, {"outcome": "refused", "cursor": cursor}).json()
        seen.append([item["name"] for item in page["results"]])
        cursor = page["next"]

    assert seen == [["a", "c"], ["d"]]
    assert staff.get(url, {"outcome": "lost"}).status_code == 400
    assert staff.get(url, {"cursor": "x"}).status_code == 400


def test_names_that_the_database_cannot_hold_do_not_cost_the_report(staff: Client) -> None:
    no_image = file_bytes_without_pixels(b"1.2.840.1\0\0zz")

    upload = send(staff, {"a\0b/IM1": no_image, "IM2": make_file()})
    start(staff, upload)

    found = items(staff, upload)
    assert [item["outcome"] for item in found] == ["refused", "taken"]
    assert found[0]["name"] == "a\ufffdb/IM1"


def file_bytes_without_pixels(sop_class_uid: bytes) -> bytes:
    """A DICOM file that holds no image, of a class as a damaged file may name it."""
    whole = make_file()
    value = b"1.2.840.10008.5.1.4.1.1.1\0"
    assert whole.count(value) == 2
    damaged = whole.replace(value, sop_class_uid.ljust(len(value), b"z"))
    return damaged[: damaged.rindex(b"\xe0\x7f\x10\x00")]


def test_a_csv_that_no_reader_understands_is_refused_by_name(staff: Client) -> None:
    table = b"file,patient_id\n" + b"x" * 200_000 + b",7\n"

    upload = send(staff, {"IM1": make_file(), "labels.csv": table})
    answer = start(staff, upload)

    assert (answer["taken"], answer["refused"]) == (1, 1)
    assert items(staff, upload)[0]["reason"].startswith(
        "labels.csv has no line of a table in line 2 "
    )


def ready_job(staff: Client, files: dict[str, bytes]) -> tuple[Upload, Job]:
    """A started upload whose job no worker has claimed yet."""
    upload = send(staff, files)
    assert staff.post(f"/api/uploads/{upload}/start/").status_code == 202
    row = Upload.objects.select_related("job").get(pk=upload)
    assert row.job is not None
    return row, row.job


class Dies(Running):
    """A job in the hands of a worker that vanishes after some files, without a word."""

    files = 3

    def progress(self, fraction: float, text: str, detail: Any = None) -> None:
        if text.startswith(f"{self.files} of"):
            raise SystemError("killed")


def test_a_killed_worker_costs_nothing_and_doubles_nothing(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.ingest.BATCH_FILES", 2)
    inside = {f"{n}": make_file() for n in range(4)}
    files = {"a": make_file(), "b.zip": make_zip(inside), "bad": b"x", "c": make_file()}
    upload, job = ready_job(staff, files)
    claimed = claim(job.pk, "first")
    assert claimed is not None

    with pytest.raises(SystemError):
        take(Dies(claimed), upload.pk)
    before = upload.items.count()
    expire(job)
    ended = run(job)

    assert 0 < before < 7
    assert ended.state == "done"
    assert [(item["name"], item["outcome"]) for item in items(staff, upload.pk)] == [
        ("a", "taken"),
        *((f"b.zip/{n}", "taken") for n in range(4)),
        ("bad", "refused"),
        ("c", "taken"),
    ]
    upload.refresh_from_db()
    assert (upload.state, upload.taken, upload.already, upload.refused) == ("done", 6, 0, 1)


def test_of_two_workers_one_counts(staff: Client) -> None:
    upload, job = ready_job(staff, {"a": make_file(), "b": make_file()})
    claimed = claim(job.pk, "frozen")
    assert claimed is not None
    book = Book(upload)  # the frozen one has looked where it is …

    expire(job)
    run(job)  # … and another does all of it

    with pytest.raises(Overtaken):
        book.write([Item.of("a", "taken")])
    assert [item["outcome"] for item in items(staff, upload.pk)] == ["taken", "taken"]


def test_it_says_how_far_it_is(staff: Client) -> None:
    _, job = ready_job(staff, {"a": make_file(), "b": b"x"})

    ended = run(job)

    assert (ended.progress, ended.text, ended.result) == (1.0, "2 of 2 files", {"files": 2})


def test_a_cancelled_job_keeps_what_it_took_and_says_so(
    staff: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.ingest.BATCH_FILES", 2)
    upload, job = ready_job(staff, {f"{n}": make_file() for n in range(6)})
    claimed = claim(job.pk, "here")
    assert claimed is not None

    class Cancelled(Running):
        def progress(self, fraction: float, text: str, detail: Any = None) -> None:
            if text.startswith("2 of"):
                staff.post(f"/api/uploads/{upload.pk}/cancel/")
                self.cancel_asked.set()  # what the lifeline does then
            super().progress(fraction, text, detail)

    work(Cancelled(claimed), KINDS[job.kind].handler, job.arguments)

    job.refresh_from_db()
    answer = shown(staff, upload.pk)
    assert (job.state, job.text) == (
        "cancelled",
        "Cancelled after 2 of 6 files; what was taken stays.",
    )
    assert (answer["state"], answer["taken"]) == ("cancelled", 2)
    assert Instance.objects.count() == 2
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_delivery_is_cancelled_at_once_while_it_waits(staff: Client, tmp_path: Path) -> None:
    upload, job = ready_job(staff, {"a": make_file()})

    answer = staff.post(f"/api/uploads/{upload.pk}/cancel/").json()

    job.refresh_from_db()
    assert (answer["state"], answer["job"]["state"], job.state) == (
        "cancelled",
        "cancelled",
        "cancelled",
    )
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_full_disk_ends_it_with_a_sentence_and_it_goes_on_later(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, job = ready_job(staff, {"bad": b"x", "a": make_file()})

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("archive.store.os.fsync", full)
        ended = run(job)
    failed = shown(staff, upload.pk)
    again = start(staff, upload.pk)

    assert ended.state == "failed"
    assert ended.error.startswith("The server's disk is full")
    assert failed["state"] == "failed"
    assert (again["state"], again["taken"], again["refused"]) == ("done", 1, 1)


def test_the_page_is_told_of_each_step(staff: Client) -> None:
    upload, job = ready_job(staff, {"a": make_file()})
    owner = upload.by_id

    with psycopg.connect(**connection_parameters()) as ear:
        ear.execute("LISTEN osteon")
        run(job)
        heard = [Event.of(note.payload) for note in ear.notifies(timeout=0.5)]

    assert [event for event in heard if event.what == "upload"][-1] == Event(
        f"user/{owner}", "upload", upload.pk
    )


def test_a_job_that_ended_without_a_word_ends_its_delivery(staff: Client, tmp_path: Path) -> None:
    upload, job = ready_job(staff, {"a": make_file()})
    cancel(job)  # on the page of jobs

    before = shown(staff, upload.pk)["state"]
    tidy()

    upload.refresh_from_db()
    assert (before, upload.state) == ("cancelled", "cancelled")
    assert list((tmp_path / "incoming").iterdir()) == []


def test_what_was_given_up_goes_after_a_week(staff: Client, tmp_path: Path) -> None:
    old, new = send(staff, {"a": b"x"}), send(staff, {"b": b"y"})
    Upload.objects.filter(pk=old).update(created_at=timezone.now() - timedelta(days=8))
    stray = tmp_path / "incoming" / "left.dcm"
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))

    tidy()

    assert [shown(staff, upload)["state"] for upload in (old, new)] == ["cancelled", "receiving"]
    kept = UploadFile.objects.get(upload=new)
    assert [path.name for path in (tmp_path / "incoming").iterdir()] == [str(kept.token)]
