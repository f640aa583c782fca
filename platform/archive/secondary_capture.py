"""Wraps a PNG or JPEG as a DICOM Secondary Capture, so that one path leads into the archive.

All UIDs are made from the picture's bytes and the patient's key: the same picture again is the same instance.
"""

import hashlib
import uuid
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image as Pictures
from PIL import ImageOps
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from .limits import MAX_PICTURE_PIXELS
from .policy import policy
from .pseudonyms import key_of, uid_of
from .refused import Refused

MAGIC = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}
START_OF_SCAN, MOST_SCANS = b"\xff\xda", 100  # of a progressive JPEG
PictureArray = np.ndarray[tuple[int, int], np.dtype[np.uint8 | np.uint16]]


@dataclass(frozen=True)
class Attributes:
    """What a picture cannot say itself: a row of the CSV."""

    patient_id: str
    laterality: str = ""  # R, L, B or ""
    body_part_examined: str = ""


def is_picture(data: bytes) -> bool:
    return any(data.startswith(magic) for magic in MAGIC)


def sop_instance_uid_of(data: bytes, patient_id: str) -> str:
    """The SOPInstanceUID that this picture of this patient has in the archive."""
    secret = policy().secret
    content = hashlib.sha256(data).hexdigest()
    return uid_of(secret, _uid("instance", content, key_of(secret, patient_id)))


def wrap(data: bytes, attributes: Attributes, secret: bytes) -> bytes:
    """A DICOM file (Explicit VR Little Endian, one grey frame of 8 or 16 bits); raises Refused.

    It decodes, and so runs in the child process alone; `secret` is the policy's.
    """
    pixels = _grey(data)
    content, patient = hashlib.sha256(data).hexdigest(), key_of(secret, attributes.patient_id)
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"  # else all patients named in Chinese would be "???"
    ds.SOPClassUID = SecondaryCaptureImageStorage
    ds.SOPInstanceUID = _uid("instance", content, patient)
    ds.StudyInstanceUID = _uid("study", patient, attributes.body_part_examined)
    ds.SeriesInstanceUID = _uid("series", content, patient)
    ds.PatientID = attributes.patient_id
    ds.StudyDate = ds.StudyTime = ""
    ds.Modality = "OT"
    ds.ConversionType = "WSD"
    ds.BodyPartExamined = attributes.body_part_examined
    ds.Laterality = attributes.laterality
    ds.SeriesNumber = ds.InstanceNumber = "1"
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsAllocated = ds.BitsStored = pixels.itemsize * 8
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = 0
    raw = pixels.tobytes()
    ds.add_new("PixelData", "OW" if pixels.itemsize == 2 else "OB", raw + b"\0" * (len(raw) % 2))
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


def _grey(data: bytes) -> PictureArray:
    if (
        data.startswith(b"\xff\xd8") and data.count(START_OF_SCAN) > MOST_SCANS
    ):  # each costs a pass over all pixels
        raise Refused(
            "is a picture in more pieces than any sound one has; export it again.",
            code="too_costly_time",
        )
    try:
        with Pictures.open(BytesIO(data), formats=tuple(MAGIC.values())) as picture:
            # the header is read, nothing decoded yet
            if picture.width * picture.height > MAX_PICTURE_PIXELS:
                raise _too_many()
            upright = ImageOps.exif_transpose(picture)
            if upright.mode == "P" and picture.palette is None:  # Pillow makes one up
                raise ValueError("A PNG lacks its palette")
            if upright.mode in ("I;16", "I;16B", "I"):
                return np.asarray(upright).astype("<u2")
            return np.asarray(upright.convert("L"))
    except (Refused, MemoryError):
        raise
    except Pictures.DecompressionBombError as exc:
        raise _too_many() from exc
    except Exception as exc:  # Pillow raises a dozen kinds on damaged pictures
        raise Refused("is damaged and cannot be read as a picture; send it again.") from exc


def _too_many() -> Refused:
    return Refused(
        f"has more than {MAX_PICTURE_PIXELS:,} pixels; export it smaller, or as DICOM.",
        code="too_many_pixels",
    )


def _uid(*parts: str) -> str:
    digest = hashlib.sha256("\n".join(("osteon", *parts)).encode()).digest()
    return UID(f"2.25.{uuid.UUID(bytes=digest[:16]).int}")
