"""The door against about 230 real and made DICOM files that are not part of this repository.

OSTEON_DICOM_FILES names their folder (default: shared/data/dicom beside the repository). The few that are, with
their origin, stand in tests/archive/files.
"""

import os
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from django.test import Client
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut

from archive import store
from archive.ingest import ingest_bytes, ingest_paths
from archive.models import Instance
from archive.pixels import LUMINANCE, grey, thumbnail
from tests.factories.accounts import client_of, make_user

HERE = Path(__file__).resolve()
ALL = Path(os.environ.get("OSTEON_DICOM_FILES", HERE.parents[3] / "shared" / "data" / "dicom"))
OURS = HERE.parent / "files"
SECONDS_A_FILE = 20

pytestmark = [
    pytest.mark.django_db,
    # the files break rules on purpose, and pydicom says so
    pytest.mark.filterwarnings("ignore::UserWarning:pydicom"),
]


@pytest.fixture
def staff() -> Client:
    return client_of(make_user(is_staff=True))


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")


def expected(path: Path) -> npt.NDArray[np.float32]:
    """The first frame by pydicom alone, before MONOCHROME1 is turned round."""
    dataset = pydicom.dcmread(path)
    pixels = dataset.pixel_array
    if int(dataset.get("NumberOfFrames") or 1) > 1:
        pixels = pixels[0]
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
    if pixels.ndim == 3:
        return np.asarray(pixels[..., :3] @ LUMINANCE, np.float32)
    return apply_modality_lut(pixels, _with_rescale_of_groups(dataset)).astype(np.float32)


def _with_rescale_of_groups(dataset: pydicom.Dataset) -> pydicom.Dataset:
    """pydicom looks for the modality LUT at the top alone; an enhanced image has it by frame or shared."""
    both = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
    for groups in [dataset.get(keyword, []) for keyword in both]:
        for group in groups[:1]:
            if found := group.get("PixelValueTransformationSequence"):
                dataset = found[0]
    return dataset


def check(path: Path, client: Client) -> str:
    """Takes the file into an empty archive; whatever comes in can be seen, served and read as pydicom reads it."""
    Instance.everything.all().delete()
    started = time.monotonic()
    item = ingest_bytes(path.name, path.read_bytes())
    assert time.monotonic() - started < SECONDS_A_FILE
    if item.outcome == "refused":
        assert item.reason.startswith(path.name)
        assert item.reason.endswith(".")
        return item.reason
    Instance.everything.update(state=Instance.State.READY)  # one says that it holds a name
    instance = Instance.objects.get()
    ours, theirs = grey(instance), expected(path)
    if instance.photometric_interpretation == "MONOCHROME1":
        assert np.ptp(ours + theirs) < 0.01
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-3)
    with store.originals().open(instance.file) as file:
        stored = pydicom.dcmread(file)
        ours_again, theirs_again = stored.pixel_array, pydicom.dcmread(path).pixel_array
        assert ours_again.shape == theirs_again.shape
        assert (ours_again == theirs_again).all()
    assert thumbnail(instance).startswith(b"\xff\xd8")
    series = instance.series
    url = (
        f"/dicomweb/studies/{series.study.study_instance_uid}/series/{series.series_instance_uid}"
        f"/instances/{instance.sop_instance_uid}"
    )
    assert client.get(url + "/metadata").json()[0]["00280010"]["Value"] == [instance.rows]
    assert client.get(url + f"/frames/{instance.number_of_frames}").status_code == 200
    return ""


@pytest.mark.parametrize("path", files_of(OURS), ids=lambda path: path.name)
def test_it_takes_or_refuses_each_of_our_files(path: Path, staff: Client) -> None:
    refused = check(path, staff)

    assert bool(refused) == path.parent.name.startswith("refused"), refused


def test_it_reads_12_bit_jpeg_as_libjpeg_does() -> None:
    """Values that pydicom with libjpeg gave; a browser's decoder gave 259 and 109."""
    ingest_bytes("JPGExtended.dcm", (OURS / "taken" / "JPGExtended.dcm").read_bytes())

    values = grey(Instance.objects.get())

    assert (values[420, 140], values[230, 120]) == (244, 95)


def test_it_takes_or_refuses_each_of_all_files(staff: Client) -> None:
    if not ALL.is_dir():
        pytest.skip(f"{ALL} is not here; set OSTEON_DICOM_FILES to a folder of DICOM files.")
    reasons = [check(path, staff) for path in files_of(ALL)]

    assert reasons.count("") >= 120
    assert all(reason.count(".") for reason in reasons if reason)


def test_it_takes_them_all_in_one_delivery_and_again() -> None:
    if not ALL.is_dir():
        pytest.skip(f"{ALL} is not here; set OSTEON_DICOM_FILES to a folder of DICOM files.")

    first = ingest_paths([ALL])
    again = ingest_paths([ALL])

    assert first.count("taken") >= 80  # many of them share their UIDs
    assert again.count("taken") == 0
    assert again.count("already") >= first.count("taken")
    assert Instance.everything.count() == first.count("taken") + first.count("held")
