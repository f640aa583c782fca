from pathlib import Path

import numpy as np
import pydicom
import pytest

from phantoms.dicom import COMMENT
from phantoms.limbs.cohort import plan_limbs, read_truth, write_limbs
from phantoms.limbs.limb import draw_limb

COARSE = 0.5


def test_it_writes_two_views_of_one_study_and_their_truth(tmp_path: Path) -> None:
    rows = write_limbs(tmp_path, cases=4, seed=3, spacing_mm=COARSE)
    assert read_truth(tmp_path) == rows
    assert len(list(tmp_path.glob("*.dcm"))) == 8
    for row in rows:
        frontal, lateral = (pydicom.dcmread(tmp_path / view.file) for view in row.views)
        for dataset, view in zip((frontal, lateral), row.views, strict=True):
            assert dataset.SOPInstanceUID == view.sop_instance_uid
            assert dataset.StudyInstanceUID == row.study_instance_uid
            assert dataset.PatientID == row.patient_id
            assert dataset.ViewPosition == view.view_position
            assert dataset.Laterality == dataset.ImageLaterality == row.laterality
            assert dataset.BodyPartExamined == row.body_part
            assert dataset.ImagerPixelSpacing == [COARSE, COARSE]
            assert "PixelSpacing" not in dataset
            assert dataset.ImageComments == COMMENT
            assert "phantom" in dataset.StudyDescription
        assert frontal.SeriesInstanceUID == lateral.SeriesInstanceUID
        assert (frontal.InstanceNumber, lateral.InstanceNumber) == (1, 2)
        assert row.present == any(view.box for view in row.views) == bool(row.bone)


def test_one_in_four_broken_limbs_was_taken_before_it_broke_too(tmp_path: Path) -> None:
    rows = write_limbs(tmp_path, cases=8, seed=3, spacing_mm=1.0)

    paths = sorted(tmp_path.glob("*-earlier.dcm"))
    assert len(paths) == 2
    [broken] = [row for row in rows if row.views[0].file[:9] == paths[0].name[:9]]
    assert broken.present
    for path, view in zip(paths, sorted(broken.views, key=lambda one: one.file), strict=True):
        before, after = pydicom.dcmread(path), pydicom.dcmread(tmp_path / view.file)
        assert (before.PatientID, before.Laterality) == (after.PatientID, after.Laterality)
        assert before.StudyInstanceUID not in {row.study_instance_uid for row in rows}
        assert before.StudyDate < after.StudyDate
        assert not np.array_equal(before.pixel_array, after.pixel_array)


def test_it_writes_the_same_files_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_limbs(tmp_path / name, cases=2, seed=3, spacing_mm=COARSE)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_half_are_broken_and_limbs_and_sides_are_mixed() -> None:
    planned = plan_limbs(cases=60, seed=1)
    assert sum(limb.broken for limb in planned) == 30
    assert 15 < sum(limb.limb == "wrist" for limb in planned) < 45
    assert 15 < sum(limb.laterality == "R" for limb in planned) < 45
    assert len({limb.seed for limb in planned}) == 60


def test_monochrome1_is_stored_turned_round(tmp_path: Path) -> None:
    rows = write_limbs(tmp_path, cases=8, seed=1, spacing_mm=1.0)
    drawn = {limb.number: limb for limb in plan_limbs(cases=8, seed=1)}
    seen = set()
    for number, row in enumerate(rows):
        limb = drawn[number]
        again = draw_limb(
            limb=limb.limb,
            laterality=limb.laterality,
            broken=limb.broken,
            seed=limb.seed,
            spacing_mm=1.0,
        )
        for view, pixels in zip(row.views, (one.pixels for one in again.views), strict=True):
            dataset = pydicom.dcmread(tmp_path / view.file)
            turned = dataset.PhotometricInterpretation == "MONOCHROME1"
            stored = dataset.pixel_array
            shown = 2**dataset.BitsStored - 1 - stored if turned else stored
            assert np.array_equal(shown, pixels)
            seen.add(turned)
    assert seen == {True, False}


def test_it_refuses_no_cases(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Cannot draw 0 limbs"):
        write_limbs(tmp_path, cases=0)
