"""A reader's hand on one pane: where a pixel of the image lies on the page, and the mouse that draws there."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Locator, Page, expect

Point = tuple[float, float]
Vector = npt.NDArray[np.float64]
HALF_A_SCREEN_PIXEL, A_SCREEN_PIXEL = 0.5, 1.0
COUNT_PRESSES = """
window.presses = 0
addEventListener('pointerdown', event => { if (event.isTrusted) window.presses += 1 }, true)
"""


@dataclass(frozen=True)
class Touch:
    """Points of the image that the mouse really touched, and how the image lay on the page meanwhile."""

    points: list[Point]
    matrix: Vector  # page = matrix @ pixel + …

    def off(self, stored: Any) -> float:
        """By how many screen pixels the stored points lie beside these, at most."""
        beside = np.asarray(stored, float).reshape(-1, 2) - np.asarray(self.points)
        return float(np.abs(beside @ self.matrix.T).max())

    @property
    def corners(self) -> "Touch":
        """Of the box between them, the upper left one of the image first."""
        low, high = np.min(self.points, axis=0), np.max(self.points, axis=0)
        return Touch([(low[0], low[1]), (high[0], high[1])], self.matrix)


@dataclass(frozen=True)
class Pane:
    page: Page
    number: int = 0

    @property
    def root(self) -> Locator:
        return self.page.get_by_test_id("pane").nth(self.number)

    @property
    def label(self) -> Locator:
        return self.root.get_by_test_id("pane-label")

    def lies(self) -> tuple[Vector, Vector]:
        """How the image lies on the page now: page = matrix @ pixel + corner."""
        text = self.root.get_attribute("data-affine") or ""
        a, b, c, d, e, f = (float(part) for part in text.split())
        box = self.root.bounding_box()
        assert box
        return np.array([[a, c], [b, d]]), np.array([box["x"] + e, box["y"] + f])

    def on_page(self, pixel: Point) -> Point:
        """The whole screen pixel next to it, as a mouse has them."""
        matrix, corner = self.lies()
        x, y = np.round(matrix @ np.array(pixel) + corner)
        return float(x), float(y)

    def touch(self, places: list[Point]) -> Touch:
        """The points of the image under places of the page."""
        matrix, corner = self.lies()
        points = [np.linalg.solve(matrix, np.array(place) - corner) for place in places]
        return Touch([(float(x), float(y)) for x, y in points], matrix)

    def draw(self, *pixels: Point) -> Touch:
        """drag, once a tool is in the hand."""
        expect(self.root.locator("svg[data-armed]")).to_be_attached()
        return self.drag(*pixels)

    def drag(self, *pixels: Point) -> Touch:
        """Presses at the first, goes through the others, lets go at the last."""
        places = [self.on_page(pixel) for pixel in pixels]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place, steps=4)
        self.page.mouse.up()
        return self.touch(places)

    def click(self, *pixels: Point) -> Touch:
        """One click after the other."""
        places = [self.on_page(pixel) for pixel in pixels]
        for place in places:
            self.page.mouse.click(*place)
        return self.touch(places)
