"""Made radiographs and MR slices for the archive's measurements: a smooth body, noise as a detector's, no patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    generate_uid,
)

Pixels = npt.NDArray[np.uint16]
SERIES_OF = 25  # slices of an MR series


@dataclass(frozen=True)
class Kind:
    modality: str
    rows: int
    columns: int
    count: int


# 1,000 instances of 0.13 to 10 MB, 1.1 GB
KINDS = (
    Kind("MR", 256, 256, 700),
    Kind("MR", 512, 512, 200),
    Kind("CR", 2048, 2048, 70),
    Kind("CR", 2500, 2000, 30),
)


def files(share: float = 1.0) -> Iterator[bytes]:
    """The DICOM files of all kinds, shuffled as a day brings them; `share` of them for a quick look."""
    rng = np.random.default_rng(20)
    plans = [(kind, number) for kind in KINDS for number in range(max(1, int(kind.count * share)))]
    bodies = {kind: body(kind, rng) for kind in KINDS}
    series: dict[tuple[Kind, int], tuple[str, str]] = {}
    for index in rng.permutation(len(plans)):
        kind, number = plans[index]
        group = (kind, number // SERIES_OF if kind.modality == "MR" else number)
        uids = series.setdefault(group, (generate_uid(), generate_uid()))
        yield encode(dataset(kind, number, uids, noisy(bodies[kind], rng)))


def body(kind: Kind, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """A bright oval with bands, between 200 and 3,000 of 4,095."""
    y = np.linspace(-1, 1, kind.rows, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, kind.columns, dtype=np.float32)
    oval = np.clip(1.2 - x * x * 1.6 - y * y, 0, 1)
    bands = 0.15 * np.sin(x * 9 + rng.uniform(0, 3)) * np.cos(y * 7)
    return np.asarray(200 + 2800 * np.clip(oval + bands * (oval > 0), 0, 1), np.float32)


def noisy(clean: npt.NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    noise = rng.standard_normal(clean.shape, np.float32) * 12
    return np.asarray(np.clip(clean + noise, 0, 4095), np.uint16)


def dataset(kind: Kind, number: int, uids: tuple[str, str], pixels: Pixels) -> Dataset:
    ds = Dataset()
    ds.SOPClassUID = MRImageStorage if kind.modality == "MR" else ComputedRadiographyImageStorage
    ds.SOPInstanceUID = generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = uids
    ds.PatientName, ds.PatientID = "", f"BENCH-{uids[0][-12:]}"
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber = "20240131", "101500", ""
    ds.Modality, ds.Manufacturer, ds.BodyPartExamined = kind.modality, "Made up", "KNEE"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    ds.BurnedInAnnotation = "NO"
    ds.SeriesNumber, ds.InstanceNumber = 1, number % SERIES_OF + 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = kind.rows, kind.columns
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.WindowCenter, ds.WindowWidth = 1600, 2800
    ds.PixelSpacing = [0.4, 0.4]
    if kind.modality == "MR":
        ds.update(_position(number))
    ds.add_new("PixelData", "OW", pixels.tobytes())
    return ds


def _position(number: int) -> Dataset:
    place = Dataset()
    values: dict[str, Any] = {
        "ImagePositionPatient": [0, 0, 3.0 * (number % SERIES_OF)],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "SliceThickness": 3,
        "RepetitionTime": 2300,
        "EchoTime": 32,
        "MagneticFieldStrength": 1.5,
        "FrameOfReferenceUID": "2.25.1",
    }
    for keyword, value in values.items():
        setattr(place, keyword, value)
    return place


def encode(ds: Dataset) -> bytes:
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = UID(ds.SOPClassUID)
    ds.file_meta.MediaStorageSOPInstanceUID = UID(ds.SOPInstanceUID)
    buffer = BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()
