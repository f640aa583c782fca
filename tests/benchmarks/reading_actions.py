"""Keys and actions of a read, counted from the browser's own events in real forms: a key pressed, a mouse button down."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.benchmarks.figures import Figure
from tests.instance import Instance

READS = 3
PREPARE = "from tests.benchmarks.prepare_reading import prepare, submitted; "
COUNT = """() => {
  window.actions = 0
  for (const name of ['keydown', 'pointerdown'])
    addEventListener(name, event => { if (event.isTrusted && !event.repeat) window.actions += 1 }, true)
}"""
PAINTED = """before => {
  const now = document.documentElement.dataset.painted
  return now && now !== before ? now : null
}"""
Act = Callable[[Page], None]


def accept(page: Page) -> None:
    page.keyboard.press("a")


def answer(page: Page) -> None:
    page.keyboard.press("2")
    page.keyboard.press("Enter")


def draw(page: Page) -> None:
    page.keyboard.press("1")
    area = page.get_by_test_id("viewport").bounding_box()
    assert area is not None
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.mouse.move(x - 60, y - 40)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=5)
    page.mouse.up()
    page.keyboard.press("Enter")


def shell(instance: Instance, call: str) -> Any:
    said = instance.manage("shell", "--no-imports", "-v0", "-c", PREPARE + call)
    return json.loads(said.strip().splitlines()[-1])


def counted(instance: Instance, page: Page, kind: tuple[str, bool], act: Act) -> tuple[int, Any]:
    """The most actions that one of a few reads took, and the answers which the server has of them."""
    template, assisted = kind
    task = shell(instance, f"prepare({template!r}, {assisted})")
    page.goto(f"{instance.origin}/read/{task}")
    shown = str(page.wait_for_function(PAINTED, arg="", timeout=60_000).json_value())
    page.evaluate(COUNT)
    most = 0
    for _ in range(READS):
        page.evaluate("window.actions = 0")
        act(page)
        shown = str(page.wait_for_function(PAINTED, arg=shown, timeout=60_000).json_value())
        most = max(most, int(page.evaluate("window.actions")))
    page.get_by_test_id("save-status").get_by_text("saved").wait_for()
    return most, shell(instance, f"submitted({task})")


def values(answers: Any, slot: str) -> list[Any]:
    return [one[slot].get("value") for one in answers]


def measure(instance: Instance, page: Page) -> list[Figure]:
    right, graded = counted(instance, page, ("knee-oa-kl", True), accept)
    none, alone = counted(instance, page, ("knee-oa-kl", False), answer)
    assert values(graded, "kl") == values(alone, "kl") == [2] * READS
    box, accepted = counted(instance, page, ("fracture-radiograph", True), accept)
    drag, drawn = counted(instance, page, ("fracture-radiograph", False), draw)
    for reads, origin in ((accepted, "m"), (drawn, "r")):
        assert values(reads, "fracture") == ["present"] * READS
        assert [[item["id"][0] for item in found] for found in values(reads, "fractures")] == [
            [origin]
        ] * READS
    return [
        Figure(
            "reading.keys_kl_right", right, "≤ 1", "keys of a KL read, its pre-annotation right"
        ),
        Figure("reading.keys_kl_none", none, "≤ 2", "keys of a KL read without a pre-annotation"),
        Figure("reading.actions_fracture_right", box, "≤ 2", "actions, the model's box right"),
        Figure(
            "reading.actions_fracture_draw", drag, "≤ 3", "actions, one box drawn: a drag is one"
        ),
    ]
