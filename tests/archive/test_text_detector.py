"""Writing on a picture is found where it stands; markers of side and view, and bones, are not taken for it."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from archive import text_detector
from archive.looking import windowed
from archive.text_detector import NoDetector, find_text
from phantoms.knee import draw_knee
from tests.factories.writing import Grey8, limb, write

SHARED = Path(
    os.environ.get("OSTEON_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data")
)


def read(path: Path) -> Grey8:
    return np.asarray(Image.open(path).convert("L"))


@pytest.mark.parametrize("at", [(20, 20), (20, 560), (280, 300)])
@pytest.mark.parametrize("value", [255, 0])
def test_it_finds_a_name_where_it_stands(at: tuple[int, int], value: int) -> None:
    picture = limb() if value else np.clip(limb(), 90, 255).astype(np.uint8)

    boxes = find_text(write(picture, "MUSTERMANN ANNA", at, value=value)).boxes

    x, y, _, height = boxes[0]
    assert len(boxes) <= 2
    assert abs(x - at[0]) < 20
    assert y <= at[1] + 12 <= y + height
    assert 100 < sum(box[2] for box in boxes) < 320


def test_it_finds_small_and_large_writing_on_a_large_radiograph() -> None:
    picture = write(limb(2500, 2000), "12345678  03.02.1957", (60, 2300), size=60)

    assert find_text(picture).boxes
    assert find_text(write(limb(240, 320), "SMITH JOHN", (5, 5), size=12)).boxes


@pytest.mark.parametrize("marker", ["R", "L", "PA", "LEFT", "AP", "STANDING"])
def test_it_reads_markers_and_takes_them_for_no_name(marker: str) -> None:
    assert find_text(write(limb(), marker, (30, 40), size=40)) == ([], [marker])


def test_it_finds_nothing_on_bare_pictures() -> None:
    assert find_text(limb()) == ([], [])
    assert find_text(np.zeros((40, 2000), np.uint8)) == ([], [])
    assert find_text(np.full((33, 33), 255, np.uint8)) == ([], [])


def test_it_passes_over_drawn_knees() -> None:
    sizes = [(640, 512)] * 5 + [(2500, 2000)]
    knees = [
        draw_knee(grade=seed % 5, laterality="RL"[seed % 2], size=size, seed=seed).pixels
        for seed, size in enumerate(sizes)
    ]

    assert [seed for seed, knee in enumerate(knees) if find_text(windowed(knee)).boxes] == []


def test_it_says_when_its_models_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    text_detector._session.cache_clear()
    monkeypatch.setattr(text_detector, "PACKAGE", "no_such_package")
    try:
        with pytest.raises(NoDetector, match="rapidocr-onnxruntime"):
            find_text(limb())
    finally:
        text_detector._session.cache_clear()


def test_it_finds_text_on_each_exported_lumbar_image() -> None:
    folder = SHARED / "lumbar-mri" / "images"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here; set OSTEON_SHARED_DATA to a folder with lumbar-mri.")
    missed = [
        path.name for path in sorted(folder.iterdir())[::6] if not find_text(read(path)).boxes
    ]

    assert missed == []


def test_it_lets_nearly_all_real_knees_pass() -> None:
    folder = SHARED / "knee-kl" / "images"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here; set OSTEON_SHARED_DATA to a folder with knee-kl.")
    knees = sorted(folder.iterdir())[::80]
    found = [find_text(read(path)) for path in knees]

    assert sum(bool(writing.boxes) for writing in found) <= len(knees) * 0.05
    assert [writing.markers for writing in found if writing.markers] == []  # these films have none
