"""Answering by keyboard in a real browser: dependent questions, undo, accepting, a reader's own keys and layout.

The form is one of several kinds that `next` is made to hand out in place of the task's own; drafts are answered here.
"""

import re
from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.room import wait_for_picture
from tests.instance import Instance

BASE: dict[str, Any] = {"help": "", "required": False, "sites": []}
ZONES = ("anterior_root", "anterior_horn", "body", "posterior_horn", "posterior_root")
SIDES = ["medial", "lateral"]
TORN = {"field": "meniscus", "is": ["tear"]}


def options(*values: str) -> list[dict[str, str]]:
    return [{"value": value, "label": value.replace("_", " ")} for value in values]


FIELDS: list[dict[str, Any]] = [
    BASE
    | {
        "key": "meniscus",
        "kind": "choice",
        "label": "Meniscus",
        "required": True,
        "sites": SIDES,
        "options": options("intact", "tear"),
    },
    BASE
    | {
        "key": "zones",
        "kind": "choice",
        "label": "Zones",
        "many": True,
        "map": "meniscus",
        "sites": SIDES,
        "when": TORN,
        "options": options(*ZONES),
    },
    BASE
    | {
        "key": "extrusion",
        "kind": "number",
        "label": "Extrusion",
        "unit": "mm",
        "minimum": 0,
        "maximum": 20,
        "step": 0.5,
    },
]
PROPOSED = {
    f"meniscus@{side}": {"kind": "choice", "value": value, "probabilities": [0.2, 0.8]}
    for side, value in zip(SIDES, ("tear", "intact"), strict=True)
}


class Room:
    """The reading room with this form; what the page sends is kept here."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.answers: dict[str, Any] = {}
        self.submitted: list[dict[str, Any]] = []
        page.route("**/api/tasks/1/next/", self._next)
        page.route(re.compile(r"/api/annotations/\d+/(submit/)?$"), self._save)
        page.goto(f"{origin}/read/1")
        wait_for_picture(page, "")

    def _next(self, route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["form"]["fields"] = FIELDS
        body["annotation"]["answers"] = {}
        body["prediction"] = {"model": {"id": 1, "number": 3}, "slots": PROPOSED}
        route.fulfill(response=answer, json=body)

    def _save(self, route: Route) -> None:
        body: Any = route.request.post_data_json
        annotation = {
            "id": int(route.request.url.split("/annotations/")[1].split("/")[0]),
            "version": body["version"] + 1,
            "answers": body["answers"],
            "state": "draft",
            "saved_at": "2026-01-01T12:00:00Z",
        }
        self.answers = body["answers"]
        if not route.request.url.endswith("/submit/"):
            return route.fulfill(json=annotation)
        self.submitted.append(body["answers"])
        progress = {"read": 1, "total": 9, "mine_today": 1}
        return route.fulfill(json={"annotation": annotation, "progress": progress})

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def question(self, slot: str) -> Any:
        return self.page.get_by_test_id(f"question-{slot}")


FORGET = """() => fetch('/api/me/preferences/', {
  method: 'PUT', body: '{}',
  headers: {
    'Content-Type': 'application/json',
    'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)[1],
  },
})"""


@pytest.fixture
def room(reader: Page, instance: Instance) -> Generator[Room]:
    yield Room(reader, instance.origin)
    reader.evaluate(FORGET)
    reader.unroute_all(behavior="ignoreErrors")


def test_details_open_below_the_hand_and_what_is_closed_is_sent_as_not_asked(room: Room) -> None:
    page = room.page
    chosen = page.get_by_test_id("option-meniscus@medial-tear")
    before = chosen.bounding_box()

    room.press("2")  # medial: a tear; its zones have the keys now

    expect(room.question("zones@medial")).to_have_attribute("data-active", "true")
    expect(room.question("zones@lateral")).to_have_count(0)
    assert chosen.bounding_box() == before
    room.press(
        "3", "4", "3", "j", "1"
    )  # body, posterior horn, not the body after all; lateral: intact
    room.press("3", ".", "5", "Enter")
    expect(page.get_by_test_id("save-status")).to_contain_text("saved")
    assert room.submitted == [
        {
            "meniscus@medial": {"state": "answered", "value": "tear"},
            "zones@medial": {"state": "answered", "value": ["posterior_horn"]},
            "meniscus@lateral": {"state": "answered", "value": "intact"},
            "zones@lateral": {"state": "not_asked"},
            "extrusion": {"state": "answered", "value": 3.5},
        }
    ]


def test_a_zone_of_the_map_is_a_named_check_box_for_mouse_and_keyboard(room: Room) -> None:
    room.press("2")
    zone = room.page.get_by_test_id("map-zones@medial").get_by_role("checkbox", name="body")

    zone.click()
    expect(zone).to_be_checked()
    zone.focus()
    room.press(" ")
    expect(zone).not_to_be_checked()


def test_undo_and_redo_step_through_every_answer(room: Room) -> None:
    zone = room.page.get_by_test_id("zone-zones@medial-body")
    room.press("2", "3")
    expect(zone).to_have_attribute("aria-checked", "true")

    room.press("z")
    expect(zone).to_have_attribute("aria-checked", "false")
    room.press("z")
    expect(zone).to_have_count(0)
    room.press("y", "Shift+Z")
    expect(zone).to_have_attribute("aria-checked", "true")


def test_one_key_accepts_all_and_goes_on_but_not_past_an_answer_that_says_otherwise(
    room: Room,
) -> None:
    page = room.page
    shown = page.evaluate("document.documentElement.dataset.painted")
    room.press("1", "a")  # intact, where the model says torn
    expect(page.get_by_test_id("notice")).to_contain_text("otherwise than the model")
    assert room.submitted == []

    room.press("Shift+A", "a")

    wait_for_picture(page, shown)
    [sent] = room.submitted
    assert [sent[f"meniscus@{side}"]["value"] for side in SIDES] == ["tear", "intact"]


def test_hiding_the_model_moves_nothing_and_nobody_accepts_what_he_does_not_see(
    room: Room,
) -> None:
    page = room.page
    places = "() => [...document.querySelectorAll('aside [data-answer]')].map(one => one.getBoundingClientRect().y)"
    before = page.evaluate(places)

    room.press("h", "a")

    expect(page.get_by_test_id("notice")).to_contain_text("hidden")
    expect(page.get_by_test_id("proposal")).to_have_count(0)
    assert page.evaluate(places) == before
    assert room.submitted == []


def test_own_keys_and_the_side_of_the_form_follow_the_reader(room: Room) -> None:
    page = room.page
    page.get_by_role("button", name="Keys and layout").click()
    page.get_by_role("switch", name="Form to the left").check(force=True)
    page.get_by_test_id("key-undo").click()
    with page.expect_response("**/api/me/preferences/") as saved:
        page.keyboard.press("v")
    assert saved.value.ok
    page.keyboard.press("Escape")

    page.reload()
    wait_for_picture(page, "")
    image, form = (
        page.get_by_test_id("image-area").bounding_box(),
        page.locator("aside").bounding_box(),
    )
    assert image is not None
    assert form is not None
    assert form["x"] < image["x"]
    room.press("2", "z")  # the former key does nothing now
    expect(room.question("zones@medial")).to_be_visible()
    room.press("v")
    expect(room.question("zones@medial")).to_have_count(0)
    page.get_by_role("button", name="All keys").click()
    expect(page.get_by_test_id("keys-overlay").get_by_text("V", exact=True)).to_be_visible()
