"""What every test in the reading room does."""

import re
from typing import Any

from playwright.sync_api import Page

SAVED = re.compile(r"saved \d\d:\d\d:\d\d")
MINE = "async annotation => await (await fetch(`/api/annotations/${annotation}/`)).json()"
TASK_ID = """async name => {
  const answer = await (await fetch('/api/tasks/')).json()
  return (answer.results ?? answer).find(task => task.name === name).id
}"""


def open_reading_room(page: Page, origin: str) -> None:
    enter_reading_room(page, origin)
    wait_for_picture(page, "")


def enter_reading_room(page: Page, origin: str) -> None:
    page.goto(origin)
    page.get_by_text("Knee OA (KL grade)").first.click()
    page.get_by_role("link", name="Read").or_(page.get_by_role("button", name="Read")).first.click()


def open_task(page: Page, origin: str, name: str) -> None:
    """The reading room of the task that is called so."""
    page.goto(origin)
    page.goto(f"{origin}/read/{page.evaluate(TASK_ID, name)}")
    wait_for_picture(page, "")


def wait_for_picture(page: Page, before: str) -> str:
    """Until another image than `before` is really painted; returns its SOP Instance UID."""
    handle = page.wait_for_function(
        "before => { const now = document.documentElement.dataset.painted; return now && now !== before ? now : null }",
        arg=before,
        timeout=60_000,
    )
    return str(handle.json_value())


def at_hand(page: Page) -> int:
    """The annotation of the case on the screen."""
    return int(page.locator("[data-annotation]").get_attribute("data-annotation") or 0)


def mine(page: Page, annotation: int) -> Any:
    """What the server says of a read of one's own: the case, its form and the annotation."""
    return page.evaluate(MINE, annotation)
