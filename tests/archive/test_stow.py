"""What becomes of files that are sent by STOW-RS, and who may send them."""

import tracemalloc
from io import BytesIO
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client
from django.test.client import RequestFactory
from pydicom.dataset import FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from accounts.errors import Problem
from archive import deliver
from archive.dicomweb.parts import parts_of
from archive.dicomweb.sent import Sent, sent_in
from archive.ingest import CHECKING
from archive.models import Instance, Upload, UploadItem
from archive.refused import Refused
from tests.factories.accounts import PASSWORD, client_of, make_user, token_client
from tests.factories.archive import file_bytes, make_dataset, make_file

pytestmark = pytest.mark.django_db

TYPE = 'multipart/related; type="application/dicom"; boundary=edge'


def body(
    *parts: bytes, header: str = "Content-Type: application/dicom", end: str = "--edge--"
) -> bytes:
    pieces = [f"--edge\r\n{header}\r\n\r\n".encode() + part + b"\r\n" for part in parts]
    return b"".join([*pieces, end.encode()])


def send(
    client: Client, data: bytes, where: str = "studies", content_type: str = TYPE, **headers: str
) -> Any:
    return client.post(f"/dicomweb/{where}", data, content_type=content_type, headers=headers)


@pytest.fixture
def staff() -> Client:
    return token_client(make_user(is_staff=True))


def names(answer: Any, tag: str) -> list[str]:
    items = answer.json().get(tag, {}).get("Value", [])
    return [item.get("00081155", {}).get("Value", [""])[0] for item in items]


def test_it_takes_files_and_answers_for_each(staff: Client) -> None:
    good, other = make_dataset(), make_dataset()
    files = [file_bytes(good), b"no DICOM at all", file_bytes(other)[:-50]]

    answer = send(staff, body(*files))

    assert answer.status_code == 202
    assert answer["Content-Type"] == "application/dicom+json"
    assert names(answer, "00081199") == [good.SOPInstanceUID]
    assert names(answer, "00081198") == [other.SOPInstanceUID]
    assert names(answer, "0008119A") == [""]
    failed = answer.json()["00081198"]["Value"][0]
    assert failed["00081150"]["Value"] == [other.SOPClassUID]
    assert failed["00081197"]["Value"] == [0xC000]
    assert failed["00000902"]["Value"][0].startswith("It is cut off")
    assert Instance.everything.count() == 1


def test_it_says_whether_all_some_or_none_came_in(staff: Client) -> None:
    good = make_file()

    assert send(staff, body(good)).status_code == 200
    assert send(staff, body(good)).status_code == 200  # already here is as good
    assert send(staff, body(good, b"bad")).status_code == 202
    assert send(staff, body(b"bad")).status_code == 409


def test_it_gives_no_address_to_what_nobody_may_see_yet(staff: Client) -> None:
    good = make_file()
    send(staff, body(good))
    Instance.everything.update(state=Instance.State.HELD)

    answer = send(staff, body(good))

    [item] = answer.json()["00081199"]["Value"]
    assert answer.status_code == 200
    assert "00081190" not in item
    assert "00081190" not in answer.json()


def test_it_takes_another_file_of_the_same_name_for_a_failure(staff: Client) -> None:
    first, second = make_dataset(), make_dataset()
    second.SOPInstanceUID = first.SOPInstanceUID
    second.StudyInstanceUID, second.SeriesInstanceUID = (
        first.StudyInstanceUID,
        first.SeriesInstanceUID,
    )
    second.PatientID = first.PatientID

    answer = send(staff, body(file_bytes(first), file_bytes(second)))

    assert answer.status_code == 202
    assert names(answer, "00081198") == [first.SOPInstanceUID]


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"x", "application/dicom", 415),
        (b"x", "application/json", 415),
        (b"x", "", 415),
        (b"x", 'multipart/related; type="application/dicom+json"; boundary=edge', 415),
        (b"x", 'multipart/related; type="application/dicom+xml"; boundary=edge', 415),
        (b"x", 'multipart/related; type="application/dicom"', 400),
        (b"x", TYPE, 400),
        (body(), TYPE, 400),
        (body(b"file", end=""), TYPE, 400),
        (body(b"file")[:-9], TYPE, 400),
        (b"--edge\r\nno header\r\n\r\nfile\r\n--edge--", TYPE, 400),
    ],
)
def test_it_refuses_what_is_no_such_request(
    staff: Client, data: bytes, content_type: str, status: int
) -> None:
    answer = send(staff, data, content_type=content_type)

    assert answer.status_code == status
    assert answer.json()["detail"].endswith(".")
    assert Instance.everything.count() == 0


def test_it_takes_a_body_without_quotes_types_or_a_preamble(staff: Client) -> None:
    bare = "multipart/related; type=application/dicom; boundary=edge"

    assert send(staff, body(make_file()), content_type=bare).status_code == 200
    assert send(staff, b"\r\n" + body(make_file(), header="Content-Location: x")).status_code == 200
    assert (
        send(staff, body(make_file()), content_type="multipart/related; boundary=edge").status_code
        == 200
    )


def test_it_refuses_parts_that_are_no_files(staff: Client) -> None:
    answer = send(staff, body(make_file(), header="Content-Type: image/jpeg"))

    assert answer.status_code == 409
    assert Instance.everything.count() == 0


def test_it_answers_in_json_or_stores_nothing(staff: Client) -> None:
    answer = send(staff, body(make_file()), Accept="application/dicom+xml")

    assert answer.status_code == 406
    assert Instance.everything.count() == 0


def test_only_staff_may_store() -> None:
    for client, status in (
        (client_of(), 401),
        (token_client(make_user()), 403),
        (client_of(make_user()), 403),
    ):
        answer = send(client, body(make_file()))
        assert answer.status_code == status
        assert answer.json()["detail"].endswith(".")
    assert Instance.everything.count() == 0


def test_who_comes_by_cookie_proves_that_his_own_page_sends() -> None:
    user = make_user(is_staff=True)
    browser = Client(enforce_csrf_checks=True)
    assert browser.login(request=HttpRequest(), username=user.username, password=PASSWORD)

    alone = send(browser, body(make_file()))
    browser.cookies["csrftoken"] = "a" * 32
    proven = send(browser, body(make_file()), **{"X-CSRFToken": "a" * 32})

    assert alone.status_code == 403
    assert "CSRF" in alone.json()["detail"]
    assert proven.status_code == 200


def test_a_token_needs_no_such_proof() -> None:
    token = token_client(make_user(is_staff=True))
    token.handler.enforce_csrf_checks = True

    assert send(token, body(make_file())).status_code == 200


def request_of(data: bytes) -> HttpRequest:
    return RequestFactory().post("/dicomweb/studies", data, content_type=TYPE)


def test_it_holds_one_part_at_a_time_and_only_once() -> None:
    megabytes = 24
    request = request_of(body(b"a" * (megabytes << 20), b"b" * (megabytes << 20)))
    tracemalloc.start()
    try:
        lengths = [len(part.take()) for part in parts_of(request, b"edge")]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert lengths == [megabytes << 20] * 2
    assert peak < (megabytes + 10) << 20


def test_it_finds_parts_wherever_the_body_is_cut() -> None:
    parts = [b"\r\n--edg", b"--edge", b"", b"\r\n\r\n" * 40, bytes(range(256)) * 9000]

    got = [part.take() for part in parts_of(request_of(body(*parts)), b"edge")]

    assert got == parts


def test_a_part_that_is_too_large_is_refused_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.dicomweb.parts.MAX_FILE_BYTES", 1000)

    small, large = parts_of(request_of(body(b"a" * 1000, b"b" * 1001)), b"edge")

    assert len(small.take()) == 1000
    with pytest.raises(Refused, match="larger than"):
        large.take()


def test_a_body_that_ends_too_early_is_told() -> None:
    with pytest.raises(Problem, match="ends or breaks"):
        list(parts_of(request_of(body(b"a", end="")), b"edge"))


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_it_reads_what_the_sender_calls_it(syntax: str) -> None:
    ds = make_dataset()
    data = deflated(ds) if syntax == DeflatedExplicitVRLittleEndian else file_bytes(ds, syntax)

    sent = sent_in(data[: 1 << 18], with_study=True)

    assert sent == Sent(ds.SOPClassUID, ds.SOPInstanceUID, ds.StudyInstanceUID)


def deflated(ds: Any) -> bytes:
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    buffer = BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "head", [b"", b"x" * 200, b"\0" * 128 + b"DICM", b"\0" * 128 + b"DICM" + b"\xff" * 300]
)
def test_it_reads_nothing_where_nothing_is(head: bytes) -> None:
    assert sent_in(head, with_study=True) == Sent()


def test_it_leaves_no_report_where_nothing_came(staff: Client) -> None:
    assert send(staff, b"x").status_code == 400

    assert not Upload.objects.exists()


def test_it_leaves_a_report_of_the_delivery(staff: Client) -> None:
    send(staff, body(make_file(), b"no DICOM at all"))
    send(staff, body())

    [upload] = Upload.objects.all()
    assert (upload.way, upload.state) == (Upload.Way.STOW, Upload.State.DONE)
    assert upload.by is not None
    assert [item.outcome for item in upload.items.all()] == ["taken", "refused"]


def test_its_report_says_later_what_was_found_in_the_pixels(staff: Client) -> None:
    send(staff, body(make_file()))
    [item] = UploadItem.objects.all()
    UploadItem.objects.update(outcome="held", code=CHECKING)
    Upload.objects.update(taken=0, held=1)

    deliver.settle_all()

    item.refresh_from_db()
    upload = Upload.objects.get()
    assert (item.outcome, item.code, upload.taken, upload.held) == ("taken", "", 1, 0)
