"""Files as they come from outside, made here."""

from io import BytesIO
from itertools import count
from struct import pack
from typing import Any

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ComputedRadiographyImageStorage, ExplicitVRLittleEndian

_numbers = count(1)


def make_dataset(pixels: Any = None, **elements: Any) -> Dataset:
    """A radiograph of 12 by 10 pixels, of a patient of its own; `elements` by keyword, None to leave one out."""
    number = next(_numbers)
    if pixels is None:
        pixels = (np.arange(120, dtype=np.uint16) + number).reshape(12, 10)
    ds = Dataset()
    ds.SOPClassUID = ComputedRadiographyImageStorage
    ds.SOPInstanceUID = f"1.2.826.0.1.{number}.1"
    ds.StudyInstanceUID = f"1.2.826.0.1.{number}.2"
    ds.SeriesInstanceUID = f"1.2.826.0.1.{number}.3"
    ds.PatientName, ds.PatientID, ds.PatientSex = f"Sample^{number}", f"ID-{number}", "F"
    ds.Modality, ds.BodyPartExamined, ds.ImageLaterality, ds.ViewPosition = "DX", "KNEE", "R", "PA"
    ds.StudyDate, ds.InstanceNumber = "20240131", 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.BitsAllocated = ds.BitsStored = pixels.itemsize * 8
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    if pixels.ndim == 3:
        ds.NumberOfFrames = pixels.shape[0]
    ds.add_new("PixelData", "OW" if pixels.itemsize > 1 else "OB", pixels.tobytes())
    for keyword, value in elements.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def file_bytes(ds: Dataset, transfer_syntax_uid: str = ExplicitVRLittleEndian) -> bytes:
    """The dataset as a DICOM file."""
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    ds.file_meta.MediaStorageSOPClassUID = ds.get("SOPClassUID", ComputedRadiographyImageStorage)
    ds.file_meta.MediaStorageSOPInstanceUID = ds.get("SOPInstanceUID", "1.2")
    buffer = BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


def make_file(pixels: Any = None, **elements: Any) -> bytes:
    """An uncompressed DICOM file."""
    return file_bytes(make_dataset(pixels, **elements))


def make_compressed(fragments: list[bytes], transfer_syntax_uid: str, **elements: Any) -> bytes:
    """A DICOM file of encapsulated frames, one fragment each; 8 bits of 12 by 10 pixels unless `elements` differ."""
    ds = make_dataset(np.zeros((12, 10), np.uint8), NumberOfFrames=len(fragments), **elements)
    ds.PixelData = b"".join(_item(fragment) for fragment in (b"", *fragments))  # no offset table
    ds["PixelData"].is_undefined_length = True
    return file_bytes(ds, transfer_syntax_uid)


def _item(value: bytes) -> bytes:
    return (
        pack("<HHL", 0xFFFE, 0xE000, len(value) + len(value) % 2) + value + b"\0" * (len(value) % 2)
    )


def make_picture(kind: str = "PNG", size: tuple[int, int] = (10, 12), mode: str = "L") -> bytes:
    """A PNG or JPEG of (columns, rows), no two alike."""
    rng = np.random.default_rng(next(_numbers))
    channels = (3,) if mode == "RGB" else ()
    pixels = rng.integers(0, 255, (size[1], size[0], *channels), np.uint8)
    buffer = BytesIO()
    Image.fromarray(pixels, mode).save(buffer, kind)
    return buffer.getvalue()
