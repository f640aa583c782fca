"""The report of a delivery as a file, and of the command."""

import csv
import io
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archive.deliver import settle_all, settle_checked
from archive.ingest import HELD_UNTIL, ingest_sources
from archive.models import Instance, Upload, UploadItem
from archive.report import HELD, TAKEN, Book, Item
from archive.sealing import seal, unseal
from archive.source import Source
from tests.factories.accounts import client_of, make_user
from tests.factories.archive import make_file, make_instance
from tests.factories.zips import make_zip

pytestmark = pytest.mark.django_db


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.fixture
def staff() -> Client:
    return client_of(make_user("ada", is_staff=True))


@pytest.fixture
def upload() -> Upload:
    return Upload.objects.create(way=Upload.Way.COMMAND, state=Upload.State.RUNNING)


def download(staff: Client, upload: Upload) -> Any:
    return staff.get(f"/api/uploads/{upload.pk}/report.csv")


def test_it_gives_every_file_a_row(staff: Client, upload: Upload) -> None:
    data = make_file()
    files = {"IM1": data, "IM2": data, "bad": b"x"}
    ingest_sources((Source(n, partial(bytes, d)) for n, d in files.items()), upload=upload)

    answer = download(staff, upload)

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="upload-{upload.pk}.csv"' in answer["Content-Disposition"]
    found = rows(answer.getvalue().decode())
    assert [(row["name"], row["outcome"]) for row in found] == [
        ("IM1", "taken"),
        ("IM2", "already"),
        ("bad", "refused"),
    ]
    assert found[0]["sop_instance_uid"] == Instance.objects.get().sop_instance_uid
    assert found[2]["reason"].startswith("bad is neither DICOM")
    assert found[2]["code"]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx"])
def test_no_name_runs_in_a_spreadsheet(staff: Client, upload: Upload, name: str) -> None:
    Book(upload).write([Item(name, "refused", f"{name} is empty; send it again.")])

    [row] = rows(download(staff, upload).getvalue().decode())

    assert (row["name"], row["reason"][0]) == (f"'{name}", "'")


def test_it_says_where_in_the_file(staff: Client, upload: Upload) -> None:
    item = Item("a", "refused", "a is cut.", "", "truncated", "7FE00010", 1234)
    Book(upload).write([item])

    [row] = rows(download(staff, upload).getvalue().decode())
    [shown] = staff.get(f"/api/uploads/{upload.pk}/items/").json()["results"]

    assert (row["code"], row["tag"], row["offset"]) == ("truncated", "7FE00010", "1234")
    assert (shown["code"], shown["tag"], shown["offset"]) == ("truncated", "7FE00010", 1234)


def test_a_long_report_is_asked_for_in_steps(
    staff: Client, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.report_csv.STEP", 10)
    Book(upload).write([Item(str(number), "taken") for number in range(25)])

    with CaptureQueriesContext(connection) as queries:
        found = rows(download(staff, upload).getvalue().decode())

    assert [row["name"] for row in found] == [str(number) for number in range(25)]
    assert len(queries) == 2 + 1 + 4  # session and user, the upload, three steps and the end


def test_a_report_in_the_database_is_not_kept_in_memory(upload: Upload) -> None:
    report = ingest_sources((Source(str(n), lambda: b"x") for n in range(100)), upload=upload)

    assert (report.items, report.files, report.count("refused")) == ([], 100, 100)
    assert upload.items.count() == 100


def test_what_was_checked_meanwhile_is_taken_or_held_for_its_reason(upload: Upload) -> None:
    clean, named, waiting = (make_instance() for _ in range(3))
    Instance.everything.filter(pk=waiting.pk).update(state="checking")
    reasons = [{"code": "text_found", "sentence": "Text was found in its pixels."}]
    Instance.everything.filter(pk=named.pk).update(state="held", hold_reasons=reasons)
    for instance in (clean, named, waiting):
        UploadItem.objects.create(
            upload=upload,
            sealed_name=seal("a"),
            outcome=HELD,
            code="checking",
            sop_instance_uid=instance.sop_instance_uid,
        )
    Upload.objects.update(held=3)

    settle_checked(upload)

    upload.refresh_from_db()
    assert (upload.taken, upload.held) == (1, 2)
    found = upload.items.order_by("pk").values_list("outcome", "code", "reason")
    assert list(found[:2]) == [
        (TAKEN, "", ""),
        (HELD, "text_found", f"{HELD_UNTIL} Text was found in its pixels."),
    ]
    assert found[2][1] == "checking"


def test_a_later_search_completes_the_reports_of_all_deliveries() -> None:
    instance, uploads = make_instance(), [Upload.objects.create(held=1) for _ in range(2)]
    for upload in uploads:
        UploadItem.objects.create(
            upload=upload,
            sealed_name=seal("a"),
            outcome=HELD,
            code="checking",
            sop_instance_uid=instance.sop_instance_uid,
        )

    settle_all()

    assert set(Upload.objects.values_list("taken", "held")) == {(1, 0)}


def test_the_command_makes_a_delivery_and_writes_its_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "IM1").write_bytes(make_file())
    (folder / "b.zip").write_bytes(make_zip({"IM2": make_file(), "bad": b"x"}))
    report = tmp_path / "report.csv"

    call_command("ingest", str(folder), report=report)

    upload = Upload.objects.get()
    assert (upload.way, upload.state, upload.by) == ("command", "done", None)
    assert (upload.taken, upload.refused, upload.finished_at is not None) == (2, 1, True)
    names = [Path(row["name"]).name for row in rows(report.read_text("utf-8-sig"))]
    assert names == ["IM1", "IM2", "bad"]
    told = capsys.readouterr().out
    assert f"refused: {folder}/b.zip/bad is neither DICOM, PNG nor JPEG" in told
    assert told.endswith("2 taken, 0 already here, 0 held, 1 refused, of 3 files.\n")


def test_a_name_from_another_system_does_not_stop_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, report = tmp_path / "in", tmp_path / "report.csv"
    folder.mkdir()
    for name, data in ((b"M\xfcller", make_file()), (b"M\xfcller.txt", b"x")):  # Latin-1, no UTF-8
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(data)

    call_command("ingest", str(folder), report=report)

    names = [Path(row["name"]).name for row in rows(report.read_text("utf-8-sig"))]
    assert names == ["M\ufffdller", "M\ufffdller.txt"]
    assert Upload.objects.get().taken == 1
    assert "refused: " in capsys.readouterr().out


def test_the_command_fails_when_nothing_could_be_taken(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"x")

    with pytest.raises(CommandError, match="Nothing could be taken"):
        call_command("ingest", str(tmp_path / "bad"))

    assert Upload.objects.get().state == "done"


def test_a_delivery_by_command_that_breaks_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "IM1").write_bytes(make_file())

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("archive.store.os.fsync", full)

    with pytest.raises(CommandError, match="The server's disk is full"):
        call_command("ingest", str(tmp_path / "IM1"))
    assert Upload.objects.get().state == "failed"


def test_a_dicomdir_named_to_the_command_is_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(b"x")

    with pytest.raises(CommandError):
        call_command("ingest", str(tmp_path / "DICOMDIR"))

    item = UploadItem.objects.get()
    assert item.code == "dicomdir"
    assert unseal(item.sealed_name).endswith("DICOMDIR")
