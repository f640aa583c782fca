"""The two other planes of a volume in a real browser: each voxel where it belongs, at its grey, in true millimetres."""

import base64
import re
from collections.abc import Collection, Generator

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pydicom.uid import generate_uid

from tests.browser.conftest import pages
from tests.factories.stacks import COSINES, write_stack
from tests.factories.voxels import MILLIMETRES, SIZE, known_voxels, write_volume
from tests.instance import Instance, running

ANN = ("ann", "correct horse battery")
# which of the patient's axes lies across, down and through a plane as it hangs, and which of them run backwards there
HUNG = {
    "axial": ((0, 1, 2), ()),
    "coronal": ((0, 2, 1), (2,)),
    "sagittal": ((1, 2, 0), (2,)),
}
LETTERS = {"axial": "RLAP", "coronal": "RLHF", "sagittal": "APHF"}
MADE: dict[
    str, tuple[str, bool, Collection[int]]
] = {  # the plane, numbered backwards, without which slices
    "axial": ("axial", False, ()),
    "axial-backwards": ("axial", True, ()),
    "sagittal": ("sagittal", False, ()),
    "coronal-backwards": ("coronal", True, ()),
    "gap": ("axial", False, (7,)),
    "few": ("axial", False, range(5, 16)),
}
LARGE = (48, 256)  # slices, and pixels along each side of them
MAKE_TASKS = f"""
from accounts.models import User
from annotation import tasks
from annotation.models import Case, CaseSeries
from archive.models import Series
User.objects.create_user({ANN[0]!r}, password={ANN[1]!r}, is_staff=True)
for series in Series.objects.select_related("study__patient").order_by("series_number"):
    task = tasks.create_task("fracture-radiograph", f"Volume {{series.series_number}}")
    case = Case.objects.create(task=task, patient=series.study.patient, key="one", name="one")
    CaseSeries.objects.create(case=case, series=series, position=0)
"""
PIXELS = """
pane => {
  const { width, height } = pane.querySelector('canvas')
  const { data } = pane.querySelector('canvas').getContext('2d').getImageData(0, 0, width, height)
  return { width, height, bytes: btoa(Array.from(data, byte => String.fromCharCode(byte)).join('')) }
}
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Generator[Instance]:
    folder = tmp_path_factory.mktemp("volumes")
    for number, (name, how) in enumerate(MADE.items()):
        (folder / name).mkdir()
        write_volume(folder / name, number, *how)
    (folder / "large").mkdir()
    write_stack(folder / "large", "axial", *LARGE, generate_uid(), generate_uid())
    with running("browser-reformats") as started:
        started.manage("ingest", str(folder))
        started.manage("shell", "--no-imports", "-v0", "-c", MAKE_TASKS)
        yield started


@pytest.fixture
def ann(browser: Browser, archive: Instance) -> Generator[Page]:
    yield from pages(browser, archive.origin, ANN)


def enter(page: Page, archive: Instance, name: str) -> None:
    page.goto(f"{archive.origin}/read/{[*MADE, 'large'].index(name) + 1}")
    page.wait_for_function("() => document.documentElement.dataset.painted", timeout=60_000)


def reformatted(page: Page) -> None:
    page.keyboard.press("g")
    for plane in page.get_by_test_id("reformat").all():
        expect(plane.get_by_test_id("pane-label")).to_contain_text(re.compile(r"\d+ / \d+"))


def affine(pane: Locator) -> list[float]:
    return [float(part) for part in (pane.get_attribute("data-affine") or "").split()]


def seen(pane: Locator, columns: int, rows: int) -> npt.NDArray[np.int64]:
    """The grey in the middle of each voxel, row by row."""
    shown = pane.evaluate(PIXELS)
    data = np.frombuffer(base64.b64decode(shown["bytes"]), np.uint8)
    canvas = data.reshape(shown["height"], shown["width"], 4)
    assert (canvas[..., 3].max(), np.ptp(canvas[..., :3], axis=2).max()) == (255, 0)
    a, _, _, d, e, f = affine(pane)
    x = np.floor(e + (np.arange(columns) + 0.5) * a).astype(int)
    y = np.floor(f + (np.arange(rows) + 0.5) * d).astype(int)
    return canvas[np.ix_(y, x)][..., 0].astype(np.int64)


def place(acquired: str, plane: str, index: int) -> int:
    """Where in the patient the slice lies that is `index` along the stack's own axis."""
    axis = HUNG[plane][0][2]
    row, column = np.array(COSINES[acquired][:3]), np.array(COSINES[acquired][3:])
    grows = next(way[axis] for way in (row, column, np.cross(row, column)) if way[axis])
    return index if grows > 0 else SIZE[axis] - 1 - index


def wanted(plane: str, at: int) -> npt.NDArray[np.int64]:
    (across, down, through), backwards = HUNG[plane]
    picture = known_voxels().transpose(through, down, across)[at]
    return np.asarray(picture[::-1] if down in backwards else picture, np.int64)


@pytest.mark.parametrize("name", ["axial", "axial-backwards", "sagittal", "coronal-backwards"])
def test_every_voxel_stands_where_it_lies_in_the_patient(
    ann: Page, archive: Instance, name: str
) -> None:
    acquired = name.partition("-")[0]
    enter(ann, archive, name)
    reformatted(ann)
    panes = ann.get_by_test_id("reformat")
    assert {one.get_attribute("data-plane") for one in panes.all()} == set(HUNG) - {acquired}
    for pane in panes.all():
        plane = pane.get_attribute("data-plane") or ""
        across, down, _ = HUNG[plane][0]
        ann.keyboard.press("ArrowRight")
        ann.keyboard.press("ArrowDown")  # off the middle, where a flip would not be seen
        ann.keyboard.press("o")
        a, _, _, d, _, _ = affine(pane)
        assert a / d == pytest.approx(MILLIMETRES[across] / MILLIMETRES[down])
        index = int(pane.get_attribute("data-slice") or -1)

        shown = seen(pane, SIZE[across], SIZE[down])

        assert np.array_equal(shown, wanted(plane, place(acquired, plane, index)))
        letters = [pane.locator(f'[data-edge="{edge}"]') for edge in ("left", "right", "top", "bottom")]  # fmt: skip
        assert "".join(one.text_content() or "" for one in letters) == LETTERS[plane]


@pytest.mark.parametrize("name", ["axial", "axial-backwards"])
def test_a_click_brings_the_acquired_stack_there(ann: Page, archive: Instance, name: str) -> None:
    enter(ann, archive, name)
    reformatted(ann)
    coronal, sagittal = (
        ann.locator(f'[data-testid="reformat"][data-plane="{plane}"]')
        for plane in ("coronal", "sagittal")
    )
    a, _, _, d, e, f = affine(coronal)

    coronal.click(position={"x": e + 5.5 * a, "y": f + 2.5 * d})  # the third slice from the head

    expect(sagittal).to_have_attribute("data-slice", "5")
    expect(ann.get_by_test_id("pane").get_by_test_id("reference-line")).to_have_count(2)
    # slices hang from the head downwards, however they are numbered
    expect(ann.get_by_test_id("readout")).to_contain_text(f"image 3 of {SIZE[2]}")


def test_it_ends_with_the_key_and_gives_its_memory_back(ann: Page, archive: Instance) -> None:
    enter(ann, archive, "large")
    reformatted(ann)
    with_voxels = held_bytes(ann)

    ann.keyboard.press("g")

    expect(ann.get_by_test_id("reformat")).to_have_count(0)
    expect(ann.get_by_test_id("pane").get_by_test_id("reference-line")).to_have_count(0)
    slices, side = LARGE
    assert with_voxels - held_bytes(ann) > 0.9 * slices * side * side * 2


def held_bytes(page: Page) -> int:
    """What arrays of numbers take, once what nobody needs is gone."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["backingStorageSize"])


@pytest.mark.parametrize(("name", "reason"), [("gap", "A slice is missing"), ("few", "8 or more")])
def test_it_says_why_slices_are_no_volume(
    ann: Page, archive: Instance, name: str, reason: str
) -> None:
    enter(ann, archive, name)
    ann.keyboard.press("g")
    expect(ann.get_by_test_id("notice")).to_contain_text(reason)
    expect(ann.get_by_test_id("reformat")).to_have_count(0)
