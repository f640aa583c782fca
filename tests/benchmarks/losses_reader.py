"""A scripted reader in a real tab, and what he knows: what he typed and when, and when the page said that it was saved."""

import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from playwright.sync_api import Error as BrowserError

SLICE_MS = 15

# Each time that the page says "saved" of another answer or at another time, with the answer that stands there then.
WATCH = """
addEventListener('DOMContentLoaded', () => {
  let before = ''
  const look = () => {
    const status = document.querySelector('[data-testid=save-status]')?.textContent ?? ''
    const annotation = document.querySelector('[data-annotation]')?.dataset.annotation
    const chosen = document.querySelector('[role=radio][aria-checked=true]')?.textContent ?? ''
    const now = [annotation, chosen[0], status].join(' ')
    if (now === before || !annotation || !/^saved \\d/.test(status) || !/^\\d/.test(chosen)) return
    before = now
    console.debug('said ' + JSON.stringify([Number(annotation), Number(chosen[0]), Date.now()]))
  }
  new MutationObserver(look).observe(document.body,
    { subtree: true, childList: true, characterData: true, attributes: true })
})
"""
AT_HAND = """() => {
  const value = document.querySelector('[role=radio][aria-checked=true]')?.textContent?.[0]
  return {
    annotation: Number(document.querySelector('[data-annotation]')?.dataset.annotation ?? 0),
    value: /\\d/.test(value ?? '') ? Number(value) : null,
    painted: document.documentElement.dataset.painted || null,
    asks: document.querySelector('[data-testid=conflict]') !== null,
  }
}"""

QUESTIONS = 8  # more than the form has


class Trouble(Exception):
    """The moment has come."""


@dataclass
class Known:
    """Of one annotation: the values that were typed, each with its time, and since when it is submitted."""

    typed: list[tuple[int, float]] = field(default_factory=list)
    submitted: float | None = None


class Reader:
    def __init__(self, context: BrowserContext, address: str, chance: random.Random) -> None:
        self.context, self.address, self.random = context, address, chance
        self.known: dict[int, Known] = {}
        self.said: list[tuple[int, int, float]] = []
        self.moment = float("inf")
        self.page = self.open()

    def open(self) -> Page:
        page = self.context.new_page()
        page.add_init_script(WATCH)
        page.on("console", self.hear)
        page.goto(self.address)
        self.page = page
        if not self.wait_for_picture():
            raise RuntimeError(f"No case came: {page.inner_text('body')[:500]}")
        return page

    def hear(self, message: ConsoleMessage) -> None:
        if message.text.startswith("said "):
            annotation, value, at = json.loads(message.text.removeprefix("said "))
            self.said.append((annotation, value, at / 1000))

    def at_hand(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(AT_HAND)
        return found

    def pause(self, milliseconds: float) -> None:
        """Looks at the image, until the moment comes."""
        self.until(lambda: False, milliseconds)

    def until(self, holds: Callable[[], bool], milliseconds: float) -> bool:
        end = time.time() + milliseconds / 1000
        while time.time() < end:
            if time.time() >= self.moment:
                raise Trouble
            if holds():
                return True
            self.page.wait_for_timeout(SLICE_MS)
        return False

    def wait_for_picture(self) -> bool:
        return self.until(lambda: self.at_hand()["painted"] is not None, 60_000)

    def type(self, value: int) -> None:
        annotation = self.at_hand()["annotation"]
        if not annotation:
            return
        for _ in range(QUESTIONS):
            self.page.keyboard.press("k")  # an answered grade gives the keys to the next question
        self.page.keyboard.press(str(value))
        if self.at_hand()["annotation"] == annotation:
            known = self.known.setdefault(annotation, Known())
            known.typed.append((value, time.time()))

    def submit(self) -> None:
        before = self.at_hand()["annotation"]
        self.page.keyboard.press("Enter")
        after = self.at_hand()["annotation"]
        if after != before and before in self.known:
            self.known[before].submitted = time.time()

    def read(self) -> None:
        """Answers, perhaps changes his mind, and mostly submits; for ever, until the moment comes."""
        while True:
            self.wait_for_picture()
            for _ in range(self.random.choice((1, 1, 2, 3))):
                self.type(self.random.randrange(5))
                self.pause(self.random.choice((60, 450, 900, 2000)) * self.random.random())
            if self.random.random() < 0.6:
                self.submit()
            self.pause(1000 * self.random.random())

    def read_until(self, moment: float) -> None:
        self.moment = moment
        try:
            self.read()
        except Trouble:
            self.moment = float("inf")

    def crash(self) -> None:
        """The renderer is gone, as by the system's hand."""
        with suppress(BrowserError):  # nobody is left to answer
            self.page.goto("chrome://crash", timeout=3_000)
        self.page.close()
