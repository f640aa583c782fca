"""One reader in the reading room of one task: what he presses, and what the server has of it afterwards."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.hands import COUNT_PRESSES, Pane
from tests.browser.room import at_hand, mine, open_task, wait_for_picture
from tests.instance import Instance

Known = dict[str, Any]


class Reading:
    def __init__(self, page: Page, instance: Instance, task: str) -> None:
        self.page = page
        page.add_init_script(COUNT_PRESSES)
        open_task(page, instance.origin, task)

    @property
    def annotation(self) -> int:
        return at_hand(self.page)

    @property
    def presses(self) -> int:
        """Of a mouse button, since the page was loaded."""
        return int(self.page.evaluate("window.presses"))

    def said(self) -> Any:
        """What the server says of the case at hand."""
        return mine(self.page, self.annotation)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def question(self, slot: str) -> Any:
        return self.page.get_by_test_id(f"question-{slot}")

    def expect_asked(self, slot: str) -> None:
        """The keys belong to this question."""
        expect(self.question(slot)).to_have_attribute("data-active", "true")

    def submit(self) -> Any:
        """By Enter; returns the annotation as the server has it then."""
        annotation = self.annotation
        address = f"/annotations/{annotation}/submit/"
        with self.page.expect_response(lambda answer: answer.url.endswith(address)) as sent:
            self.press("Enter")
        assert sent.value.ok, sent.value.text()
        expect(self.page.locator(f'[data-annotation="{annotation}"]')).to_have_count(0)
        return mine(self.page, annotation)["annotation"]

    def go_on(self) -> None:
        before = self.page.evaluate("document.documentElement.dataset.painted")
        self.submit()
        wait_for_picture(self.page, before)

    def read_until(
        self, truth: Known, wanted: Callable[[Known], Any], otherwise: Callable[[Known], list[str]]
    ) -> Known:
        """Goes on to a case that is wanted; the cases before it are read by the keys that `otherwise` says."""
        while True:
            image = self.said()["case"]["images"][0]
            known: Known = truth[image["study_instance_uid"]]
            if wanted(known):
                return known
            self.press(*otherwise(known))
            self.go_on()

    # --- stacks --------------------------------------------------------------------------------

    def to_pane(self, plane: str) -> Pane:
        """By the arrow that changes the plane."""
        panes = [Pane(self.page, n) for n in range(self.page.get_by_test_id("pane").count())]
        pane = next(one for one in panes if plane in (one.label.text_content() or "").lower())
        for _ in panes:
            if pane.root.get_attribute("data-active") is not None:
                return pane
            self.press("ArrowRight")
        raise AssertionError(f"The arrows do not reach the {plane} plane.")

    def to_slice(self, pane: Pane, image: str) -> None:
        """By the arrows, one slice after the other."""
        images = self.said()["case"]["images"]
        [series] = {
            one["series_instance_uid"] for one in images if one["sop_instance_uid"] == image
        }
        stack = [one["sop_instance_uid"] for one in images if one["series_instance_uid"] == series]
        wanted, now = stack.index(image) + 1, self.slice_in(pane)
        key = "ArrowDown" if now < wanted else "ArrowUp"
        self.press(*[key] * abs(wanted - now))
        expect(pane.label).to_contain_text(f" {wanted} / {len(stack)}")

    def slice_in(self, pane: Pane) -> int:
        [now] = re.findall(r"(\d+) / \d+", pane.label.text_content() or "")
        return int(now)


def key_of(field: Known, value: str) -> str:
    """The key that answers a choice so: by its place, from the tenth on with the shift key."""
    place = [option["value"] for option in field["options"]].index(value) + 1
    return f"Digit{place}" if place < 10 else f"Shift+Digit{place - 9}"


def field_of(fields: list[Known], key: str) -> Known:
    return next(field for field in fields if field["key"] == key)
