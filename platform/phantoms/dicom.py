"""A phantom as a DICOM file; a knee as Computed Radiography Image Storage, PS3.3 section A.2."""

import uuid
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ComputedRadiographyImageStorage, ExplicitVRLittleEndian

from phantoms.knee import KneePhantom

COMMENT = "Synthetic phantom drawn by a program. No patient."
SHARE_OF_MONOCHROME1 = 0.2  # detectors that store bone dark; a viewer must turn them round
NAMESPACE = uuid.UUID("6f8f2c1e-6c3b-5f0e-9d1a-3a1c7a4f5e20")


def phantom_uid(*parts: object) -> UID:
    """The UID that always belongs to these words: a UUID under 2.25 (PS3.5 section B.2)."""
    name = "/".join(str(part) for part in parts)
    return UID(f"2.25.{uuid.uuid5(NAMESPACE, name).int}")


@dataclass(frozen=True)
class Person:
    """patient_id is like "PHANTOM-0193"; sex "F", "M" or unknown; age like "061Y" or unknown."""

    patient_id: str
    sex: str = ""
    age: str = ""


@dataclass(frozen=True)
class Visit:
    """A study: what its images share."""

    study_instance_uid: str
    description: str
    taken: date = date(2019, 5, 14)


def knee_dicom(
    phantom: KneePhantom,
    *,
    patient_id: str,
    study_instance_uid: str,
    seed: int,
    study_date: date = date(2019, 5, 14),
    patient_sex: str = "",
    patient_age: str = "",
) -> Dataset:
    """One radiograph, ready for `save_as(path, enforce_file_format=True)`.

    The same seed gives the same UIDs and the same photometric interpretation.
    """
    side = phantom.laterality
    visit = Visit(study_instance_uid, "Knee PA (synthetic phantom)", study_date)
    dataset = new_dataset(Person(patient_id, patient_sex, patient_age), visit)
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = phantom_uid(study_instance_uid, side, seed, "instance")
    dataset.SeriesInstanceUID = phantom_uid(study_instance_uid, side, seed, "series")
    dataset.SeriesNumber = 1 if side == "R" else 2
    dataset.InstanceNumber = 1
    dataset.SeriesDescription = "Knee PA right" if side == "R" else "Knee PA left"
    dataset.ManufacturerModelName = "Knee"
    describe_radiograph(dataset, "KNEE", "PA", side, phantom.pixel_spacing_mm)
    dataset.PatientOrientation = ["L", "F"]  # hung as if seen from the front
    inverted = np.random.default_rng([seed, 1]).random() < SHARE_OF_MONOCHROME1
    put_pixels(dataset, phantom.pixels, phantom.bits_stored, inverted=bool(inverted))
    return finish(dataset)


def new_dataset(person: Person, visit: Visit) -> Dataset:
    """What every phantom says of its patient, its study and itself."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = f"Phantom^{person.patient_id.rpartition('-')[2]}"
    dataset.PatientID = person.patient_id
    dataset.PatientBirthDate = ""
    dataset.PatientSex = person.sex
    if person.age:
        dataset.PatientAge = person.age
    dataset.PatientComments = dataset.ImageComments = COMMENT
    dataset.StudyInstanceUID = visit.study_instance_uid
    dataset.StudyID = "1"
    dataset.StudyDescription = visit.description
    dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = ""
    day = visit.taken.strftime("%Y%m%d")
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = day
    # The clock belongs to the study: all images of one visit share it.
    minutes = int(visit.study_instance_uid.rpartition(".")[2]) % 480
    dataset.StudyTime = f"{9 + minutes // 60:02d}{minutes % 60:02d}00"
    dataset.SeriesTime = dataset.AcquisitionTime = dataset.StudyTime
    dataset.Manufacturer = "Osteon phantom"
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"
    return dataset


def describe_radiograph(
    dataset: Dataset, body_part: str, view_position: str, laterality: str, spacing_mm: float
) -> None:
    dataset.Modality = "CR"
    dataset.BodyPartExamined = body_part
    dataset.ViewPosition = view_position
    dataset.Laterality = dataset.ImageLaterality = laterality
    dataset.ImagerPixelSpacing = [f"{spacing_mm:.6g}"] * 2


def finish(dataset: Dataset) -> Dataset:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


def put_pixels(
    dataset: Dataset, pixels: npt.NDArray[np.uint16], bits_stored: int, *, inverted: bool = False
) -> None:
    """The pixels (rows, columns) of a radiograph with a window that shows them; inverted: as MONOCHROME1."""
    highest = 2**bits_stored - 1
    low, high = _window(pixels)
    if inverted:
        low, high = highest - high, highest - low
    store_pixels(dataset, highest - pixels if inverted else pixels, bits_stored)
    dataset.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    dataset.WindowCenter = str((low + high) // 2)
    dataset.WindowWidth = str(high - low)


def store_pixels(dataset: Dataset, stored: npt.NDArray[np.uint16], bits_stored: int) -> None:
    """Unsigned pixels (rows, columns) as they stand."""
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.BitsAllocated = 16
    dataset.BitsStored = bits_stored
    dataset.HighBit = bits_stored - 1
    dataset.PixelRepresentation = 0
    dataset.PixelData = np.ascontiguousarray(stored, dtype="<u2").tobytes()


def _window(pixels: npt.NDArray[np.uint16]) -> tuple[int, int]:
    """From darkest to brightest worth seeing: the middle of the picture, where no border or marker lies."""
    rows, columns = pixels.shape
    middle = pixels[rows // 6 : -rows // 6 : 3, columns // 4 : -columns // 4 : 3]
    low, high = np.percentile(middle, (0.5, 99.8))
    return int(low * 0.9), int(high)
