"""Every tool by a real mouse: what is stored is where the mouse was on the image, by the screen's own pixels."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from config.demo_accounts import READER
from tests.browser.hands import HALF_A_SCREEN_PIXEL, Pane, Point, Touch
from tests.browser.planted import COLUMN_MM, COLUMNS, ROW_MM, ROWS, Seen, write_image
from tests.browser.reads import Reading
from tests.browser.room import SAVED
from tests.instance import Instance

TASK = "Shapes"
VIEWS: dict[str, tuple[str, ...]] = {
    "as it opens": (),
    "zoomed and moved": ("+", "+", "Shift+ArrowLeft", "Shift+ArrowUp"),
    "turned and zoomed": ("t", "+"),
}
FIELDS: list[dict[str, Any]] = [
    {"key": "box", "kind": "boxes", "label": "Box"},
    {"key": "outline", "kind": "polygon", "label": "Outline"},
    {
        "key": "area",
        "kind": "mask",
        "label": "Area",
        "segments": [{"value": "effusion", "label": "Effusion", "code": "99MSK:EFF"}],
    },
    {"key": "measured", "kind": "measure", "label": "Measured"},
    {"key": "spot", "kind": "points", "label": "Spot"},
]
MAKE_TASK = f"""
from accounts.models import User
from accounts.roles import Role
from annotation import arrivals, catalogue, forms, tasks
from annotation.models import Case, CaseSeries, Form
from archive.models import Series
task = tasks.create_task("fracture-radiograph", {TASK!r})
common = {{"help": "", "required": False, "sites": []}}
fields = [common | {{"code": f"99MSK:{{one['key'].upper()}}"}} | one for one in {FIELDS!r}]
content = catalogue.current_form(task).content | {{"fields": fields}}
arrivals.begin_here(task)  # its rule takes the knees too
assert forms.problems(content) == [], forms.problems(content)
Form.objects.create(task=task, version=2, content=content)
for series in Series.objects.filter(body_part_examined="SKULL"):
    number = str(series.pk)
    case = Case.objects.create(task=task, patient=series.study.patient, key=number, name=number, laterality="R")
    CaseSeries.objects.create(case=case, series=series, position=0)
tasks.set_role(task, User.objects.get(username={READER[0]!r}), Role.READER)
"""


@pytest.fixture(scope="module")
def shapes(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The demo with one task more, whose form asks for every shape; a case for each of the views."""
    folder: Path = tmp_path_factory.mktemp("planted")
    for number in range(len(VIEWS)):
        write_image(folder, number)
    instance.manage("ingest", str(folder))
    instance.manage("shell", "--no-imports", "-v0", "-c", MAKE_TASK)
    return instance


class Drawer:
    """Draws on the rectangle, in shares of its width and height on the page."""

    def __init__(self, room: Reading, turned: bool) -> None:
        self.mouse = room.page.mouse
        self.seen = Seen(Pane(room.page), turned)

    def drag(self, start: Point, end: Point) -> Touch:
        places = [self.seen.place(*start), self.seen.place(*end)]
        self.mouse.move(*places[0])
        self.mouse.down()
        self.mouse.move(*places[1], steps=6)
        self.mouse.up()
        return self.seen.touch(places)

    def click(self, *shares: Point) -> Touch:
        places = [self.seen.place(*share) for share in shares]
        for place in places:
            self.mouse.click(*place)
        return self.seen.touch(places)


@pytest.mark.parametrize("view", list(VIEWS))
def test_what_is_stored_is_where_the_mouse_was(reader: Page, shapes: Instance, view: str) -> None:
    room = Reading(reader, shapes, TASK)
    lay = Pane(reader).root.get_attribute("data-affine")
    room.press(*VIEWS[view])
    if VIEWS[view]:
        expect(Pane(reader).root).not_to_have_attribute("data-affine", lay or "")
    hand = Drawer(room, turned="t" in VIEWS[view])

    room.press("b")
    box = hand.drag((1, 0), (0, 1)).corners
    room.press("j", "b")
    outline = hand.click((0, 0), (1, 0), (0.8, 1), (0.3, 0.7))
    room.press("Enter")  # closes it, and does not submit
    room.press("j", "b")
    stroke = hand.drag((0.2, 0.3), (0.8, 0.6))
    room.press("j", "b")
    length = hand.drag((0, 0), (1, 1))
    room.press("b", "b")
    angle = hand.click((0.4, 0), (0, 0), (0.9, 0.8))
    room.press("j", "b")
    spot = hand.click((0.5, 0.5))
    expect(reader.get_by_test_id("save-status")).to_contain_text(SAVED)
    answers = room.submit()["answers"]

    [item] = answers["box"]["value"]
    assert box.off(item["box"]) <= HALF_A_SCREEN_PIXEL
    [item] = answers["outline"]["value"]
    assert outline.off(item["points"]) <= HALF_A_SCREEN_PIXEL
    [item] = answers["spot"]["value"]
    assert spot.off(item["at"]) <= HALF_A_SCREEN_PIXEL
    assert_painted(answers["area"]["value"], stroke)
    assert_measured(answers["measured"]["value"], length, angle)


def test_a_click_that_draws_no_box_does_not_swallow_enter(reader: Page, instance: Instance) -> None:
    room = Reading(reader, instance, "Fracture (radiograph)")
    annotation = room.annotation
    room.press(*"kkkkkkkk", "1")
    Pane(reader).click((120, 140))

    room.press("Enter")

    expect(reader.get_by_test_id("notice")).to_contain_text("Answer “Where” first")
    assert room.annotation == annotation
    expect(Pane(reader).root.get_by_test_id("region")).to_have_count(0)


def assert_painted(items: list[Any], stroke: Touch) -> None:
    """All pixels whose middles lie under the round brush, and no other; at its rim half a screen pixel decides nothing."""
    [item] = items
    assert (item["segment"], item["rows"], item["columns"]) == ("effusion", ROWS, COLUMNS)
    painted = np.zeros(ROWS * COLUMNS, bool)
    for start, length in zip(item["runs"][::2], item["runs"][1::2], strict=True):
        painted[start : start + length] = True
    y, x = np.mgrid[:ROWS, :COLUMNS] + 0.5
    beside = distance(np.stack([x, y], axis=-1), stroke.points)
    radius = COLUMNS / 60
    rim = HALF_A_SCREEN_PIXEL / float(np.diag(stroke.matrix).min())
    assert painted[beside.ravel() < radius - rim].all()
    assert not painted[beside.ravel() > radius + rim].any()


def distance(points: Any, way: list[Point]) -> Any:
    """From each point to the straight way between two others."""
    start, end = np.array(way)
    along = end - start
    share = np.clip((points - start) @ along / (along @ along), 0, 1)
    return np.linalg.norm(points - start - share[..., None] * along, axis=-1)


def assert_measured(items: list[Any], length: Touch, angle: Touch) -> None:
    """In millimetres, on pixels that are twice as high as wide."""
    line, corner = items
    assert length.off(line["points"]) <= HALF_A_SCREEN_PIXEL
    assert angle.off(corner["points"]) <= HALF_A_SCREEN_PIXEL
    mm = np.array([COLUMN_MM, ROW_MM])
    start, end = np.array(length.points) * mm
    a_screen_pixel = float((mm / np.diag(length.matrix)).max())
    assert abs(line["value"] - np.linalg.norm(end - start)) <= a_screen_pixel
    assert (line["unit"], line["spacing"]) == ("mm", "detector")
    one, middle, other = np.array(angle.points) * mm
    turn = math.degrees(
        math.acos(
            (one - middle)
            @ (other - middle)
            / np.linalg.norm(one - middle)
            / np.linalg.norm(other - middle)
        )
    )
    assert abs(corner["value"] - turn) <= 1
    assert corner["unit"] == "deg"
