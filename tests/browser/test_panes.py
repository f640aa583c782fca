"""Several panes in a real browser: three planes side by side, linked; rulers in true millimetres; letters that follow."""

import math
import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pydicom.uid import generate_uid

from tests.browser.conftest import pages
from tests.factories.stacks import SIDE_MM, write_stack
from tests.instance import Instance, running

ANN = ("ann", "correct horse battery")
SLICES, SIDE = 40, 128
MAKE_TASK = f"""
from accounts.models import User
from annotation import tasks
from annotation.models import Case, CaseSeries
from archive.models import Series
User.objects.create_user({ANN[0]!r}, password={ANN[1]!r}, is_staff=True)
task = tasks.create_task("fracture-radiograph", "Planes")
found = sorted(
    Series.objects.select_related("study__patient"),
    key=lambda series: series.instances.first().metadata["00200037"]["Value"],  # sagittal before axial
)
case = Case.objects.create(task=task, patient=found[0].study.patient, key="one", name="one")
for place, series in enumerate(found):
    CaseSeries.objects.create(case=case, series=series, position=place)
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Generator[Instance]:
    folder = tmp_path_factory.mktemp("planes")
    study, space = generate_uid(), generate_uid()
    for plane, description in (("sagittal", "a"), ("sagittal", "b"), ("axial", "c")):
        (folder / description).mkdir()
        write_stack(Path(folder / description), plane, SLICES, SIDE, study, space, description)
    with running("browser-panes") as started:
        started.manage("ingest", str(folder))
        started.manage("shell", "--no-imports", "-v0", "-c", MAKE_TASK)
        yield started


@pytest.fixture
def room(browser: Browser, archive: Instance) -> Generator[Page]:
    for page in pages(browser, archive.origin, ANN):
        page.goto(f"{archive.origin}/read/1")
        page.wait_for_function("() => document.documentElement.dataset.painted", timeout=60_000)
        yield page


def pane(page: Page, number: int) -> Locator:
    return page.get_by_test_id("pane").nth(number)


def label(page: Page, number: int) -> Locator:
    return pane(page, number).get_by_test_id("pane-label")


def affine(page: Page, number: int) -> list[float]:
    return [float(part) for part in (pane(page, number).get_attribute("data-affine") or "").split()]


def at(page: Page, number: int, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the image lies on the page."""
    a, b, c, d, e, f = affine(page, number)
    box = pane(page, number).bounding_box()
    assert box
    return box["x"] + a * x + c * y + e, box["y"] + b * x + d * y + f


def test_stacks_open_in_their_middle_and_parallel_ones_scroll_together(room: Page) -> None:
    for number in range(3):
        expect(label(room, number)).to_contain_text(f"{SLICES // 2 + 1} / {SLICES}")
    box = pane(room, 0).bounding_box()
    assert box
    room.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    for _ in range(3):
        room.mouse.wheel(0, 100)

    expect(label(room, 0)).to_contain_text(f"{SLICES // 2 + 4} / {SLICES}")
    expect(label(room, 1)).to_contain_text(f"{SLICES // 2 + 4} / {SLICES}")
    expect(label(room, 2)).to_contain_text(f"{SLICES // 2 + 1} / {SLICES}")


def test_the_active_slice_is_a_line_on_the_other_planes(room: Page) -> None:
    line = pane(room, 2).get_by_test_id("reference-line")
    expect(line).to_have_count(1)
    expect(pane(room, 1).get_by_test_id("reference-line")).to_have_count(0)
    # a sagittal slice at this depth of the cube cuts an axial one along a column there
    depth = (SLICES // 2) / (SLICES - 1) - 0.5
    column = (-depth if affine(room, 0)[0] < 0 else depth) * SIDE + SIDE / 2
    x = float(line.get_attribute("x1") or "nan")
    a, _, _, _, e, _ = affine(room, 2)
    assert min(abs(x - (a * column + e)), abs(x - (a * (SIDE - column) + e))) < abs(a) * 1.5


def test_a_length_is_true_however_the_image_is_turned_and_zoomed(room: Page) -> None:
    room.get_by_role("button", name="Rotate by 90°").click()
    room.keyboard.press("+")
    room.wait_for_function(
        "() => Math.abs(document.querySelector('[data-testid=pane]').dataset.affine.split(' ')[0]) < 1e-6"
    )
    start, end = (40.0, 30.0), (80.0, 100.0)

    room.get_by_role("button", name="Measure a length").click()
    room.mouse.move(*at(room, 0, *start))
    room.mouse.down()
    room.mouse.move(*at(room, 0, 60, 50))
    room.mouse.move(*at(room, 0, *end))
    room.mouse.up()

    text = pane(room, 0).get_by_test_id("region").text_content() or ""
    [measured] = re.findall(r"([\d.]+) mm", text)
    a_screen_pixel = SIDE_MM / SIDE / abs(affine(room, 0)[1])
    assert abs(float(measured) - math.dist(start, end) * SIDE_MM / SIDE) <= 2 * a_screen_pixel


def test_letters_at_the_edges_follow_a_turn_and_a_flip(room: Page) -> None:
    def letters() -> list[str]:
        edges = [pane(room, 0).locator(f'[data-edge="{edge}"]') for edge in ("left", "top")]
        return [edge.text_content() or "" for edge in edges]

    assert letters() == ["A", "H"]
    room.get_by_role("button", name="Mirror left and right").click()
    expect(pane(room, 0).locator('[data-edge="left"]')).to_have_text("P")
    room.get_by_role("button", name="Rotate by 90°").click()
    expect(pane(room, 0).locator('[data-edge="right"]')).to_have_text("H")


def test_one_pane_fills_the_area_and_gives_it_back(room: Page) -> None:
    room.get_by_role("button", name="This pane alone").click()
    expect(pane(room, 1)).to_be_hidden()
    room.get_by_role("button", name="All panes").click()
    expect(pane(room, 1)).to_be_visible()
