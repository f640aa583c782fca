"""A phantom as a DICOM file: Computed Radiography Image Storage, PS3.3 section A.2."""

import uuid
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

    patient_id is like "PHANTOM-0193"; patient_sex "F", "M" or unknown; patient_age like "061Y" or unknown. The same
    seed gives the same UIDs and the same photometric interpretation.
    """
    dataset = Dataset()
    _describe_patient(dataset, patient_id, patient_sex, patient_age)
    _describe_study(dataset, phantom, study_instance_uid, study_date, seed)
    _describe_acquisition(dataset, phantom)
    inverted = np.random.default_rng([seed, 1]).random() < SHARE_OF_MONOCHROME1
    _put_pixels(dataset, phantom, inverted=bool(inverted))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


def _describe_patient(dataset: Dataset, patient_id: str, sex: str, age: str) -> None:
    dataset.PatientName = f"Phantom^{patient_id.rpartition('-')[2]}"
    dataset.PatientID = patient_id
    dataset.PatientBirthDate = ""
    dataset.PatientSex = sex
    if age:
        dataset.PatientAge = age
    dataset.PatientComments = COMMENT


def _describe_study(
    dataset: Dataset, phantom: KneePhantom, study_instance_uid: str, taken: date, seed: int
) -> None:
    side = phantom.laterality
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = phantom_uid(study_instance_uid, side, seed, "instance")
    dataset.StudyInstanceUID = study_instance_uid
    dataset.SeriesInstanceUID = phantom_uid(study_instance_uid, side, seed, "series")
    dataset.StudyID = "1"
    dataset.SeriesNumber = 1 if side == "R" else 2
    dataset.InstanceNumber = 1
    dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = ""
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = taken.strftime("%Y%m%d")
    # The clock belongs to the study: both knees of one visit share it.
    minutes = int(study_instance_uid.rpartition(".")[2]) % 480
    dataset.StudyTime = f"{9 + minutes // 60:02d}{minutes % 60:02d}00"
    dataset.SeriesTime = dataset.AcquisitionTime = dataset.StudyTime
    dataset.StudyDescription = "Knee PA (synthetic phantom)"
    dataset.SeriesDescription = "Knee PA right" if side == "R" else "Knee PA left"


def _describe_acquisition(dataset: Dataset, phantom: KneePhantom) -> None:
    dataset.Modality = "CR"
    dataset.Manufacturer = "Osteon phantom"
    dataset.ManufacturerModelName = "Knee"
    dataset.BodyPartExamined = "KNEE"
    dataset.ViewPosition = "PA"
    dataset.Laterality = dataset.ImageLaterality = phantom.laterality
    dataset.PatientOrientation = ["L", "F"]  # hung as if seen from the front
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.ImageComments = COMMENT
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"
    dataset.ImagerPixelSpacing = [f"{phantom.pixel_spacing_mm:.6g}"] * 2


def _put_pixels(dataset: Dataset, phantom: KneePhantom, *, inverted: bool) -> None:
    highest = 2**phantom.bits_stored - 1
    low, high = _window(phantom.pixels)
    if inverted:
        low, high = highest - high, highest - low
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    dataset.Rows, dataset.Columns = phantom.pixels.shape
    dataset.BitsAllocated = 16
    dataset.BitsStored = phantom.bits_stored
    dataset.HighBit = phantom.bits_stored - 1
    dataset.PixelRepresentation = 0
    dataset.WindowCenter = str((low + high) // 2)
    dataset.WindowWidth = str(high - low)
    stored = highest - phantom.pixels if inverted else phantom.pixels
    dataset.PixelData = np.ascontiguousarray(stored, dtype="<u2").tobytes()


def _window(pixels: npt.NDArray[np.uint16]) -> tuple[int, int]:
    """From darkest to brightest worth seeing: the middle of the picture, where no border or marker lies."""
    rows, columns = pixels.shape
    middle = pixels[rows // 6 : -rows // 6 : 3, columns // 4 : -columns // 4 : 3]
    low, high = np.percentile(middle, (0.5, 99.8))
    return int(low * 0.9), int(high)
