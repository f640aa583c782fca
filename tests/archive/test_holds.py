"""What may show a name is seen by nobody but staff, until one of them released it, masked it or threw it away."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from django.test import Client
from PIL import Image
from pydicom.uid import (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from annotation.cases import build_cases
from annotation.models import Case
from archive import holds, store
from archive.ingest import ingest_bytes
from archive.models import Instance, Patient, Series, Study
from archive.pixels import grey
from tests.factories.accounts import client_of, make_user
from tests.factories.annotation import make_task
from tests.factories.archive import file_bytes, make_dataset, make_file
from training.pictures import pictures

pytestmark = pytest.mark.django_db
UIDS: dict[str, Any] = {
    "PatientID": "0193",
    "StudyInstanceUID": "1.2.3",
    "SeriesInstanceUID": "1.2.3.4",
}


@pytest.fixture
def staff() -> Client:
    return client_of(make_user(is_staff=True))


def held(pixels: npt.NDArray[Any] | None = None, **elements: Any) -> Instance:
    item = ingest_bytes("a.dcm", make_file(pixels, BurnedInAnnotation="YES", **elements))
    assert item.outcome in ("taken", "held"), item.reason
    return Instance.everything.get(sop_instance_uid=item.sop_instance_uid)


def again(instance: Instance) -> Instance:
    return Instance.everything.select_related("series__study").get(pk=instance.pk)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def post(client: Client, instance: Instance, verb: str, **body: Any) -> Any:
    address = f"/api/holds/{instance.sop_instance_uid}/{verb}/"
    return client.post(address, body, content_type="application/json")


def routes_of(instance: Instance) -> list[str]:
    study = f"/dicomweb/studies/{instance.series.study.study_instance_uid}"
    series = f"{study}/series/{instance.series.series_instance_uid}"
    own = f"{series}/instances/{instance.sop_instance_uid}"
    return [
        f"/api/instances/{instance.sop_instance_uid}/thumbnail/",
        f"{own}/metadata",
        f"{own}/frames/1",
        f"{series}/metadata",
    ]


def test_it_shows_what_is_held_nowhere_else(staff: Client) -> None:
    task = make_task()
    instance = held()

    build_cases(task)

    assert [staff.get(route).status_code for route in routes_of(instance)] == [404] * 4
    answer = staff.get("/api/studies/").json()
    assert answer["results"] == []
    assert answer["counts"] == {"studies": 0, "instances": 0}
    assert not Case.objects.exists()
    assert not Instance.objects.exists()


def test_it_hides_a_held_image_beside_one_that_is_not(staff: Client) -> None:
    task = make_task()
    ingest_bytes("b.dcm", make_file(**UIDS))
    instance = held(**UIDS, InstanceNumber=0)

    build_cases(task)

    [own, _, _, series] = routes_of(instance)
    assert staff.get(own).status_code == 404
    assert instance.sop_instance_uid not in staff.get(series).content.decode()
    answer = staff.get("/api/studies/").json()
    assert answer["results"][0]["instances"] == answer["counts"]["instances"] == 1
    assert instance.sop_instance_uid not in answer["results"][0]["thumbnail"]
    case = Case.objects.get()
    [shown] = pictures([case.pk], {"size": 64})[case.pk]
    assert shown.instance == Instance.objects.get().pk != instance.pk


def test_it_lists_the_queue_for_staff(staff: Client) -> None:
    first, second = held(), held()
    Instance.everything.filter(pk=second.pk).update(text_boxes=[[1, 2, 3, 4]])

    answer = staff.get("/api/holds/").json()

    assert (answer["count"], answer["next"]) == (2, None)
    assert answer["results"][1] == {
        "sop_instance_uid": second.sop_instance_uid,
        "patient": second.series.study.patient.pseudonym,
        "modality": "DX",
        "study_instance_uid": second.series.study.study_instance_uid,
        "rows": 12,
        "columns": 10,
        "number_of_frames": 1,
        "state": "held",
        "reasons": [
            {
                "code": "burned_in_annotation",
                "sentence": answer["results"][1]["reasons"][0]["sentence"],
            }
        ],
        "boxes": [[1, 2, 3, 4]],
        "picture": f"/api/holds/{second.sop_instance_uid}/picture/",
    }
    after = staff.get("/api/holds/", {"cursor": f"held.{first.pk}"}).json()
    assert [row["sop_instance_uid"] for row in after["results"]] == [second.sop_instance_uid]


def test_it_pages_through_what_is_held_and_then_through_what_is_not_checked(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds, "PAGE", 2)
    waits = [held().sop_instance_uid for _ in range(5)]
    Instance.everything.filter(sop_instance_uid__in=waits[:2]).update(state="checking")

    seen, cursor = [], ""
    while cursor is not None:
        page = staff.get("/api/holds/", {"cursor": cursor}).json()
        seen += [row["sop_instance_uid"] for row in page["results"]]
        cursor = page["next"]

    assert seen == waits[2:] + waits[:2]
    assert page["count"] == 5


def test_it_shows_a_picture_of_each_frame(staff: Client) -> None:
    pixels = np.zeros((2, 2000, 50), np.uint8)
    pixels[1, :, 25:] = 200
    instance = held(pixels)
    address = f"/api/holds/{instance.sop_instance_uid}/picture/"

    answer = staff.get(address, {"frame": "1"})

    picture = Image.open(BytesIO(answer.content))
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", "private, no-store")
    assert picture.size == (40, 1600)
    assert (picture.getpixel((5, 800)), picture.getpixel((35, 800))) == (0, 255)
    for frame in ("2", "-1", "x", "9" * 5000):
        assert staff.get(address, {"frame": frame}).status_code == 404


@pytest.mark.parametrize("verb", ["picture", "release", "mask", "discard"])
def test_it_is_for_staff(verb: str) -> None:
    instance = held()
    address = f"/api/holds/{instance.sop_instance_uid}/{verb}/"
    reader = client_of(make_user())

    answer = reader.get(address) if verb == "picture" else reader.post(address)

    assert answer.status_code == 403
    assert again(instance).state == "held"
    assert reader.get("/api/holds/").status_code == 403


def test_an_admin_holds_what_everybody_saw_and_masks_it(staff: Client) -> None:
    task = make_task()
    item = ingest_bytes("a.dcm", make_file(np.full((40, 30), 7, np.uint8)))
    instance = Instance.objects.get(sop_instance_uid=item.sop_instance_uid)
    build_cases(task)
    body = {"sop_instance_uid": instance.sop_instance_uid}

    for _ in range(2):
        answer = staff.post("/api/holds/", body, content_type="application/json")
        assert answer.status_code == 204

    assert [staff.get(route).status_code for route in routes_of(instance)] == [404] * 4
    assert pictures([Case.objects.get().pk], {"size": 64}) == {}
    [row] = staff.get("/api/holds/").json()["results"]
    assert [reason["code"] for reason in row["reasons"]] == ["seen_by_admin"]
    assert post(staff, instance, "mask", boxes=[[0, 0, 5, 5]]).status_code == 204
    assert [staff.get(route).status_code for route in routes_of(instance)] == [200] * 4


@pytest.mark.parametrize(("body", "status"), [({}, 400), ({"sop_instance_uid": "1.2.3"}, 404)])
def test_it_says_what_it_cannot_hold(staff: Client, body: dict[str, str], status: int) -> None:
    answer = staff.post("/api/holds/", body, content_type="application/json")

    assert answer.status_code == status
    assert answer.json()["detail"]


def test_it_releases_and_says_who_did(staff: Client) -> None:
    instance = held()

    assert post(staff, instance, "release").status_code == 204

    released = again(instance)
    assert released.state == "ready"
    assert released.released_by is not None
    assert released.released_at is not None
    assert [staff.get(route).status_code for route in routes_of(instance)] == [200] * 4
    assert post(staff, instance, "release").status_code == 404
    assert staff.get("/api/holds/").json()["count"] == 0


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, RLELossless])
def test_what_was_released_no_longer_says_that_it_shows_a_name(
    staff: Client, originals: Path, syntax: str
) -> None:
    pixels = np.random.default_rng(1).integers(50, 250, (3, 41, 31), np.uint8)
    ds = make_dataset(pixels, BurnedInAnnotation="YES")
    if syntax == RLELossless:
        ds.file_meta = pydicom.dataset.FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.compress(syntax, encoding_plugin="pydicom", generate_instance_uid=False)
    instance = Instance.everything.get(
        sop_instance_uid=ingest_bytes("a.dcm", file_bytes(ds, syntax)).sop_instance_uid
    )

    assert post(staff, instance, "release").status_code == 204

    released = again(instance)
    assert released.metadata["00280301"]["Value"] == ["NO"]
    assert (released.transfer_syntax_uid, released.pixel_hash) == (syntax, instance.pixel_hash)
    assert (np.stack([grey(released, frame) for frame in range(3)]) == pixels).all()
    with (originals / released.file).open("rb") as file:
        stored = pydicom.dcmread(file)
    assert stored.BurnedInAnnotation == "NO"
    assert (stored.pixel_array == pixels).all()
    assert files_in(originals) == [Path(released.file).name] != [Path(instance.file).name]


@pytest.mark.django_db(transaction=True)
def test_it_masks_all_frames_and_leaves_nothing_of_them_behind(
    staff: Client, originals: Path
) -> None:
    pixels = np.random.default_rng(1).integers(50, 250, (3, 40, 30), np.uint8)
    instance = held(pixels)

    answer = post(staff, instance, "mask", boxes=[[2, 3, 10, 5], [-5, 38, 100, 100]])

    assert answer.status_code == 204
    masked = again(instance)
    expected = pixels.copy()
    for frame in expected:
        lowest = frame.min()
        frame[3:8, 2:12] = lowest
        frame[38:, :] = lowest
    shown = np.stack([grey(masked, frame) for frame in range(3)])
    assert (shown == expected).all()
    assert masked.state == "ready"
    assert masked.masked_boxes == [[2, 3, 10, 5], [0, 38, 30, 2]]
    assert files_in(originals) == [Path(masked.file).name] != [Path(instance.file).name]
    with (originals / masked.file).open("rb") as file:
        ds = pydicom.dcmread(file)
    assert (ds.pixel_array == expected).all()
    assert ds.BurnedInAnnotation == "NO"
    assert ds.DeidentificationMethodCodeSequence[-1].CodeValue == "113101"
    assert masked.metadata["00280301"]["Value"] == ["NO"]
    assert masked.pixel_hash != instance.pixel_hash
    assert masked.source_hash == instance.source_hash


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless])
def test_it_masks_compressed_colours(staff: Client, syntax: str) -> None:
    pixels = np.random.default_rng(1).integers(50, 250, (40, 40, 3), np.uint8)
    ds = make_dataset(np.zeros((40, 40), np.uint8), BurnedInAnnotation="YES")
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.PixelData = pixels.tobytes()
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    ds.compress(syntax, generate_instance_uid=False)
    item = ingest_bytes("a.dcm", file_bytes(ds, syntax))
    instance = Instance.everything.get(sop_instance_uid=item.sop_instance_uid)

    assert post(staff, instance, "mask", boxes=[[2, 3, 10, 5]]).status_code == 204

    masked = again(instance)
    expected = pixels.copy()
    expected[3:8, 2:12] = 0
    with store.originals().open(masked.file) as file:
        assert (pydicom.dcmread(file).pixel_array == expected).all()
    assert staff.get(routes_of(masked)[2]).status_code == 200


def test_it_masks_no_film_that_would_fill_the_memory(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = held(np.zeros((3, 40, 30), np.uint8))
    monkeypatch.setattr("archive.masking.MAX_FILE_BYTES", 2 * 40 * 30)

    answer = post(staff, instance, "mask", boxes=[[2, 3, 10, 5]])

    assert answer.status_code == 422
    assert "too many to be masked" in answer.json()["detail"]
    assert again(instance).state == "held"


def test_it_blackens_what_is_stored_inverted() -> None:
    pixels = np.arange(120, dtype=np.uint16).reshape(12, 10)
    instance = held(pixels, PhotometricInterpretation="MONOCHROME1")

    holds.mask(instance, [[0, 0, 5, 5]], make_user(is_staff=True))

    values = grey(again(instance))
    assert (values[:5, :5] == values.min()).all()


@pytest.mark.parametrize(
    "boxes",
    [
        None,
        [],
        "all",
        [[1, 2, 3]],
        [[1, 2, 3, "4"]],
        [[1, 2, 0, 4]],
        [[900, 2, 3, 4]],
        [[0, 0, 1e99, 1]],
        [[True, 0, 1, 1]],
    ],
)
def test_it_refuses_boxes_that_are_none(staff: Client, boxes: Any) -> None:
    instance = held()

    answer = post(staff, instance, "mask", boxes=boxes)

    assert answer.status_code == 400
    assert "[x, y, width, height]" in answer.json()["detail"]
    assert again(instance).state == "held"


@pytest.mark.django_db(transaction=True)
def test_it_discards_an_image_with_all_that_it_leaves_empty(staff: Client, originals: Path) -> None:
    instance = held()

    assert post(staff, instance, "discard").status_code == 204

    left = [model.objects.count() for model in (Patient, Study, Series)]
    assert (left, Instance.everything.count(), files_in(originals)) == ([0, 0, 0], 0, [])


@pytest.mark.django_db(transaction=True)
def test_it_discards_one_image_and_keeps_its_neighbour(staff: Client, originals: Path) -> None:
    ingest_bytes("b.dcm", make_file(**UIDS))
    instance = held(**UIDS)

    assert post(staff, instance, "discard").status_code == 204

    assert Study.objects.count() == Instance.everything.count() == len(files_in(originals)) == 1


@pytest.mark.django_db(transaction=True)
def test_it_says_when_somebody_was_faster(originals: Path) -> None:
    instance, admin = held(), make_user(is_staff=True)
    holds.release(instance, admin)

    for verb in (holds.release, holds.discard):
        with pytest.raises(holds.NotHeld):
            verb(instance, admin)
    with pytest.raises(holds.NotHeld):
        holds.mask(instance, [[0, 0, 1, 1]], admin)
    assert again(instance).masked_boxes == []
    assert files_in(originals) == [Path(again(instance).file).name]
