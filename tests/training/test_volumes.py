"""From a case's files to the volume that is read of it, and what is no volume."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.cases import build_cases
from annotation.models import Case
from annotation.volumes import clashes, problems
from archive.ingest import ingest_bytes
from tests.factories.annotation import make_task
from tests.factories.volumes import DEEP_MM, SIDE, SLICES, VOLUME, draw_volume, stack_files
from training import inputs
from training.pictures import Failures
from training.volumes import Volume

pytestmark = pytest.mark.django_db
TRAINING = {"images": "volume", "volume": VOLUME, "mirror": "L"}
ASKED = [{"key": "tear", "kind": "presence"}]
BLOCK = draw_volume(True, 3)


def case_of(*series: list[bytes]) -> int:
    """Of files of one study."""
    task = make_task("knee-tears-mr")
    for files in series:
        for data in files:
            item = ingest_bytes("slice.dcm", data)
            assert item.outcome == "taken", item.reason
    build_cases(task)
    shown = Case.objects.filter(
        task=task, series__instances__sop_instance_uid=item.sop_instance_uid
    )
    return shown.get().pk


def read(case: int, side: str | None = None) -> tuple[Volume, NDArray[np.uint8] | None, str]:
    sides = None if side is None else {case: side}
    [[volume]] = inputs.pictures([case], TRAINING, sides).values()
    assert isinstance(volume, Volume)
    failures: Failures = {}
    cache = inputs.images([volume], lambda *_: None, failures)
    if volume.key in failures:
        return volume, None, failures[volume.key]
    return volume, cache.rows([volume.key])[0], ""


def scaled(block: NDArray[np.uint8]) -> NDArray[np.float64]:
    low, high = np.percentile(block, [0.5, 99.5])
    found: NDArray[np.float64] = np.clip((block - low) * 255 / (high - low), 0, 255)
    return found


def same(found: NDArray[np.uint8] | None, expected: NDArray[Any]) -> bool:
    return found is not None and bool(np.abs(found - expected).max() <= 1)


def test_a_stack_is_read_in_the_order_in_which_it_lies_whatever_its_numbers_say() -> None:
    volume, found, _ = read(case_of(stack_files(BLOCK)))

    assert volume.stack is not None
    assert volume.stack.spacing == pytest.approx((DEEP_MM, 2.0, 2.0))
    # sagittal stacks hang from right to left, which is against the normal of these
    assert same(found, scaled(BLOCK)[::-1])


def test_a_left_knee_is_turned_to_a_right_one_in_the_patient() -> None:
    sagittal, coronal = (case_of(stack_files(BLOCK, plane)) for plane in ("sagittal", "coronal"))

    for case, axis in ((sagittal, 0), (coronal, 2)):
        right, left = read(case, "R"), read(case, "L")
        assert right[0].key != left[0].key
        assert right[1] is not None
        assert same(left[1], np.flip(right[1], axis))


def test_of_several_series_the_longest_regular_one_is_read() -> None:
    study: dict[str, Any] = {"StudyInstanceUID": "1.2.3.4", "PatientID": "several"}
    short, long = stack_files(BLOCK[:4], **study), stack_files(BLOCK, "axial", **study)
    torn = stack_files(np.concatenate([BLOCK, BLOCK]), "coronal", **study)
    del torn[5]

    volume, found, _ = read(case_of(short, long, torn))

    assert volume.stack is not None
    assert volume.stack.shape == (SLICES, SIDE, SIDE)
    assert found is not None


def other_way(files: list[bytes]) -> list[bytes]:
    return files[:-1] + stack_files(BLOCK[:1], "coronal", **SERIES)


SERIES: dict[str, Any] = {
    "StudyInstanceUID": "1.2.3.5",
    "SeriesInstanceUID": "1.2.3.5.1",
    "PatientID": "irregular",
}


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (lambda: stack_files(BLOCK[:1], **SERIES), "has one slice only"),
        (
            lambda: [one for n, one in enumerate(stack_files(BLOCK, **SERIES)) if n != 3],
            "has a gap: its slices 2 and 3 lie 8.0 mm apart, the others 4.0 mm",
        ),
        (lambda: other_way(stack_files(BLOCK, **SERIES)), "different orientations"),
        (
            lambda: stack_files(BLOCK, **SERIES) + stack_files(BLOCK[:1], **SERIES),
            "several slices in one place",
        ),
        (
            lambda: stack_files(BLOCK, ImagePositionPatient="", **SERIES),
            "does not say where each of its slices lies",
        ),
        (
            lambda: (
                stack_files(BLOCK[:4], **SERIES)
                + stack_files(BLOCK[4:, :12], **SERIES | {"PixelSpacing": [4.0, 4.0]})
            ),
            "slices of different sizes",
        ),
    ],
)
def test_what_is_no_regular_stack_fails_with_a_sentence_that_names_it(files: Any, why: str) -> None:
    volume, found, problem = read(case_of(files()))

    assert found is None
    assert problem.startswith("Series ")
    assert why in problem
    assert problem.endswith("it is no volume that could be read.")
    assert volume.stack is None


def test_grey_values_are_those_of_the_modality_lut_and_one_scale_is_for_all_slices() -> None:
    steps = np.repeat(np.arange(SLICES, dtype=np.uint8)[:, None, None] * 20, SIDE, 1)
    steps = np.repeat(steps, SIDE, 2)
    plain = stack_files(steps, "axial")
    rescaled = [
        data
        for at, plane in enumerate(steps)
        for data in stack_files(
            plane[None] // (1 + at % 2),
            "axial",
            RescaleSlope=1 + at % 2,
            RescaleIntercept=0,
            ImagePositionPatient=[0.0, 0.0, at * DEEP_MM],
            StudyInstanceUID="1.2.3.6",
            SeriesInstanceUID="1.2.3.6.1",
            PatientID="rescaled",
        )
    ]

    (_, first, _), (_, second, _) = read(case_of(plain)), read(case_of(rescaled))

    assert first is not None
    assert len(np.unique(first)) == SLICES
    assert same(second, first)


GOOD = {"training": TRAINING, "fields": ASKED}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"images": "all"}, 'write images = "volume" beside it'),
        ({"volume": None}, "needs volume = { spacing_mm"),
        ({"volume": {"shape": [8, 8, 8]}}, "needs volume = { spacing_mm"),
        ({"volume": VOLUME | {"spacing_mm": [3, 1]}}, "spacing_mm must be three numbers"),
        ({"volume": VOLUME | {"spacing_mm": [3, 0, 1]}}, "spacing_mm must be three numbers"),
        ({"volume": VOLUME | {"shape": [8, 32.5, 32]}}, "shape must be three whole numbers"),
        ({"volume": VOLUME | {"shape": [64, 512, 512]}}, "16,777,216 voxels is too large"),
        ({"encoder": "resnet18", "erasing": 0.4}, "encoder and erasing say how pictures are read"),
    ],
)
def test_a_template_that_says_it_wrongly_is_told_so(changed: Any, sentence: str) -> None:
    training = {key: of for key, of in (TRAINING | changed).items() if of is not None}

    assert sentence in problems({"training": training, "fields": ASKED})[0]


def test_places_are_not_asked_of_volumes() -> None:
    assert problems(GOOD) == []
    fields = [*ASKED, {"key": "where", "kind": "boxes"}]

    [problem] = problems({"training": TRAINING, "fields": fields})

    assert "no place is found in a volume, and where asks for some" in problem
    assert problems({"training": {"images": "all"}, "fields": fields}) == []


def test_a_form_does_not_change_what_volumes_its_cases_are_read_as() -> None:
    finer = {**GOOD, "training": TRAINING | {"volume": VOLUME | {"spacing_mm": [2, 1, 1]}}}
    pictures = {**GOOD, "training": {"images": "all"}}

    assert clashes(GOOD, GOOD) == clashes(pictures, {**pictures, "training": {}}) == []
    for old, new in ((GOOD, finer), (GOOD, pictures), (pictures, GOOD)):
        assert "Make a new task of it." in clashes(old, new)[0]


def test_a_process_of_its_own_reads_the_same() -> None:
    [[volume]] = inputs.pictures([case_of(stack_files(BLOCK, "axial"))], TRAINING).values()

    failures: Failures = {}
    cache = inputs.images([volume], lambda *_: None, failures, apart=True)

    assert failures == {}
    assert same(cache.rows([volume.key])[0], scaled(BLOCK)[::-1])
