from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset

from phantoms.dicom import COMMENT, knee_dicom, phantom_uid
from phantoms.knee import draw_knee

KNEE = draw_knee(grade=3, laterality="L", size=(640, 512), seed=4)


def as_dicom(seed: int) -> Dataset:
    study = phantom_uid(1, "PHANTOM-0193", "study")
    return knee_dicom(KNEE, patient_id="PHANTOM-0193", study_instance_uid=study, seed=seed)


def seed_of(photometric_interpretation: str) -> int:
    return next(
        seed
        for seed in range(50)
        if as_dicom(seed).PhotometricInterpretation == photometric_interpretation
    )


def reread(seed: int, folder: Path) -> pydicom.FileDataset:
    path = folder / "knee.dcm"
    as_dicom(seed).save_as(path, enforce_file_format=True)
    return pydicom.dcmread(path)


def test_it_rereads_as_it_was_drawn(tmp_path: Path) -> None:
    dataset = reread(seed_of("MONOCHROME2"), tmp_path)
    assert np.array_equal(dataset.pixel_array, KNEE.pixels)
    assert (dataset.BitsAllocated, dataset.BitsStored) == (16, KNEE.bits_stored)
    assert (dataset.Modality, dataset.BodyPartExamined) == ("CR", "KNEE")
    assert (dataset.Laterality, dataset.ViewPosition) == ("L", "PA")
    assert dataset.ImagerPixelSpacing == [0.390625, 0.390625]


def test_monochrome1_is_stored_turned_round(tmp_path: Path) -> None:
    dataset = reread(seed_of("MONOCHROME1"), tmp_path)
    highest = 2**KNEE.bits_stored - 1
    assert np.array_equal(highest - dataset.pixel_array, KNEE.pixels)


def test_the_window_shows_bone_and_soft_tissue(tmp_path: Path) -> None:
    for photometric_interpretation in ("MONOCHROME1", "MONOCHROME2"):
        dataset = reread(seed_of(photometric_interpretation), tmp_path)
        rows, columns = dataset.pixel_array.shape
        middle = dataset.pixel_array[rows // 4 : -rows // 4, columns // 4 : -columns // 4]
        low = float(dataset.WindowCenter) - float(dataset.WindowWidth) / 2
        shown = (middle - low) / float(dataset.WindowWidth)
        assert np.mean((shown > -0.01) & (shown < 1.01)) > 0.97
        assert np.percentile(shown, 95) - np.percentile(shown, 5) > 0.3


def test_it_says_that_it_is_a_phantom() -> None:
    dataset = as_dicom(1)
    assert str(dataset.PatientName) == "Phantom^0193"
    assert dataset.PatientID == "PHANTOM-0193"
    assert dataset.Manufacturer == "Osteon phantom"
    assert dataset.ImageComments == COMMENT
    assert "Synthetic phantom" in COMMENT


def test_its_uids_belong_to_the_seed() -> None:
    assert as_dicom(1) == as_dicom(1)
    assert as_dicom(1).SOPInstanceUID != as_dicom(2).SOPInstanceUID
    assert as_dicom(1).StudyInstanceUID == as_dicom(2).StudyInstanceUID
    assert as_dicom(1).SOPInstanceUID.is_valid
