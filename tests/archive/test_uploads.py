"""The upload page's way in, and the list of studies."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from archive.models import Instance, Study, Upload
from tests.factories.accounts import client_of, make_user
from tests.factories.archive import make_compressed, make_file, make_instance, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    return client_of(make_user("ada", is_staff=True))


def send(client: Client, files: dict[str, bytes], **fields: Any) -> Any:
    uploaded = [SimpleUploadedFile(name, data) for name, data in files.items()]
    return client.post("/api/uploads/", {"files": uploaded, **fields})


def test_it_takes_a_mixed_delivery_and_says_what_became_of_each(staff: Client) -> None:
    knee, picture = make_file(), make_picture()
    csv = b"file,patient_id,laterality,body_part_examined\npic.png,7,L,KNEE\n"

    response = send(
        staff, {"IM1": knee, "IM2": knee, "bad.dcm": b"x", "pic.png": picture, "labels.csv": csv}
    )

    assert response.status_code == 201
    answer = response.json()
    assert (answer["taken"], answer["already"], answer["refused"]) == (2, 1, 1)
    outcomes = {item["name"]: item["outcome"] for item in answer["items"]}
    assert outcomes == {"IM1": "taken", "IM2": "already", "bad.dcm": "refused", "pic.png": "taken"}
    assert (
        answer["items"][2]["reason"]
        == "bad.dcm is neither DICOM, PNG nor JPEG; export it as DICOM."
    )
    assert Instance.objects.count() == 2


def test_it_keeps_the_folders_that_the_page_tells(staff: Client) -> None:
    answer = send(staff, {"IM1": b"x", "IM2": b"y"}, paths=["a/IM1", "b/IM2"]).json()

    assert [item["name"] for item in answer["items"]] == ["a/IM1", "b/IM2"]


def test_it_lists_uploads_and_shows_one(staff: Client) -> None:
    made = send(staff, {"IM1": make_file()}).json()

    [listed] = staff.get("/api/uploads/").json()
    shown = staff.get(f"/api/uploads/{made['id']}/").json()

    assert listed == {key: value for key, value in made.items() if key != "items"}
    assert shown == made
    assert made["by"] == "ada"
    assert staff.get("/api/uploads/987654/").status_code == 404


def test_it_refuses_a_bad_csv_by_name_and_takes_the_rest(staff: Client) -> None:
    answer = send(staff, {"IM1": make_file(), "labels.csv": b"a,b\n1,2\n"}).json()

    assert (answer["taken"], answer["refused"]) == (1, 1)
    assert answer["items"][0]["reason"].startswith(
        "labels.csv (labels.csv) lacks the column file and patient_id"
    )


def test_it_says_when_nothing_arrived(staff: Client) -> None:
    response = staff.post("/api/uploads/", {})

    assert response.status_code == 400
    assert response.json()["detail"].startswith("No file arrived")


def test_it_says_when_too_many_files_come_at_once(staff: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2

    response = send(staff, dict.fromkeys("abc", b"x"))

    assert response.status_code == 413
    assert Upload.objects.count() == 0


def test_it_takes_large_files_from_the_disk(staff: Client) -> None:
    import numpy as np

    pixels = np.zeros((2000, 1500), np.uint16)

    assert send(staff, {"large": make_file(pixels)}).json()["taken"] == 1


def test_it_makes_a_thumbnail_once(staff: Client, originals: Any) -> None:
    instance = make_instance()
    url = f"/api/instances/{instance.sop_instance_uid}/thumbnail/"

    first = staff.get(url)
    (originals / instance.file).unlink()

    assert first["Content-Type"] == "image/jpeg"
    assert first["Cache-Control"].startswith("private")
    assert staff.get(url).content == first.content


def test_it_says_when_there_is_no_picture_to_be_had(staff: Client) -> None:
    from pydicom.uid import RLELossless

    send(staff, {"broken": make_compressed([b"no RLE"], RLELossless)})
    uid = Instance.objects.get().sop_instance_uid

    response = staff.get(f"/api/instances/{uid}/thumbnail/")

    assert response.status_code == 422
    assert "cannot be decoded" in response.json()["detail"]
    assert Study.objects.count() == 1


def test_it_takes_as_many_files_with_their_folders_as_it_says(staff: Client) -> None:
    names = [f"{number}.dcm" for number in range(2000)]

    answer = send(staff, dict.fromkeys(names, b"x"), paths=[f"a/{name}" for name in names])

    assert answer.status_code == 201
    assert answer.json()["items"][-1]["name"] == "a/1999.dcm"


def test_names_and_reasons_that_the_database_cannot_hold_do_not_cost_the_report(
    staff: Client,
) -> None:
    no_image = file_bytes_without_pixels(b"1.2.840.1\0\0zz")

    answer = send(staff, {"IM1": no_image, "IM2": make_file()}, paths=["a\0b/IM1", "IM2"])

    assert answer.status_code == 201
    assert [item["outcome"] for item in answer.json()["items"]] == ["refused", "taken"]
    assert answer.json()["items"][0]["name"] == "a\ufffdb/IM1"


def file_bytes_without_pixels(sop_class_uid: bytes) -> bytes:
    """A DICOM file that holds no image, of a class as a damaged file may name it."""
    whole = make_file()
    value = b"1.2.840.10008.5.1.4.1.1.1\0"
    assert whole.count(value) == 2
    damaged = whole.replace(value, sop_class_uid.ljust(len(value), b"z"))
    return damaged[: damaged.rindex(b"\xe0\x7f\x10\x00")]


def test_a_csv_that_no_reader_understands_is_refused_by_name(staff: Client) -> None:
    table = b"file,patient_id\n" + b"x" * 200_000 + b",7\n"

    answer = send(staff, {"IM1": make_file(), "labels.csv": table}).json()

    assert (answer["taken"], answer["refused"]) == (1, 1)
    assert answer["items"][0]["reason"].startswith("labels.csv (labels.csv), line 2, ")
