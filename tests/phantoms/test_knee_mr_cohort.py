from pathlib import Path

import numpy as np
import pydicom
import pytest

from phantoms.dicom import COMMENT
from phantoms.mr.cohort import plan_knees_mr, read_truth, write_knees_mr


def test_it_writes_three_stacks_and_their_truth(tmp_path: Path) -> None:
    rows = write_knees_mr(tmp_path, cases=2, seed=3)
    assert read_truth(tmp_path) == rows
    for row in rows:
        slices = [pydicom.dcmread(path) for path in tmp_path.glob(f"*-{row.laterality}/*.dcm")]
        of_study = [one for one in slices if one.StudyInstanceUID == row.study_instance_uid]
        assert len(of_study) == 26 + 26 + 28
        assert len({one.SOPInstanceUID for one in of_study}) == 80
        assert len({one.SeriesInstanceUID for one in of_study}) == 3
        assert len({one.FrameOfReferenceUID for one in of_study}) == 1
        uids = {str(one.SOPInstanceUID) for one in of_study}
        for place in (*row.meniscus_places, *row.acl_places):
            assert {place.first, place.last, place.image} <= uids
        assert any(place.plane == "sagittal" for place in row.meniscus_places) == bool(row.meniscus)
        assert bool(row.acl_places) == bool(row.acl)


def test_a_slice_says_where_it_lies_and_that_it_is_a_phantom(tmp_path: Path) -> None:
    write_knees_mr(tmp_path, cases=1, seed=3)
    dataset = pydicom.dcmread(next(tmp_path.glob("*/coronal-05.dcm")))
    assert (dataset.Modality, dataset.BodyPartExamined) == ("MR", "KNEE")
    assert dataset.ImageOrientationPatient == [1, 0, 0, 0, 0, -1]
    assert dataset.PixelSpacing[0] == pytest.approx(158 / 256, abs=1e-4)
    assert dataset.SliceThickness == 3
    assert dataset.SliceLocation == pytest.approx(dataset.ImagePositionPatient[1])
    assert dataset.ImageComments == COMMENT
    assert "phantom" in dataset.StudyDescription
    assert dataset.pixel_array.shape == (256, 256)


def test_it_writes_the_same_files_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_knees_mr(tmp_path / name, cases=1, seed=3)
    paths = sorted((tmp_path / "a").rglob("*.*"))
    assert len(paths) == 81
    for path in paths:
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_half_have_a_torn_meniscus_and_a_third_a_torn_acl() -> None:
    planned = plan_knees_mr(cases=200, seed=1)
    assert sum(knee.meniscus for knee in planned) == 100
    assert sum(knee.acl for knee in planned) == 60
    both = np.mean([knee.acl for knee in planned if knee.meniscus])
    assert 0.15 < both < 0.45


def test_it_refuses_no_cases(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Cannot draw 0 knees"):
        write_knees_mr(tmp_path, cases=0)
