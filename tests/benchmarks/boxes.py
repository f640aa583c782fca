"""Fifty boxes on one image: how long a box that is dragged takes to follow the hand."""

import statistics

from playwright.sync_api import Page

from tests.benchmarks.figures import Figure
from tests.benchmarks.reading_actions import PAINTED, shell
from tests.instance import Instance

BOXES, MOVES = 50, 60
# from the pointer's own time stamp until the picture in which the box followed it was handed over
WATCH = """() => {
  window.redraws = []
  addEventListener('pointermove', event => {
    if (event.buttons) requestAnimationFrame(() => {
      const channel = new MessageChannel()
      channel.port1.onmessage = () => window.redraws.push(performance.now() - event.timeStamp)
      channel.port2.postMessage(null)
    })
  }, true)
}"""
# the left edge of a box on the screen, in its middle
EDGE = """id => {
  const { x, y, height } = document.querySelector(`[data-region="${id}"] [data-id]`).getBoundingClientRect()
  return [x + 1, y + height / 2]
}"""


def measure(instance: Instance, page: Page) -> list[Figure]:
    alone = dragged(instance, page, 1)
    times = dragged(instance, page, BOXES)
    return [
        Figure(
            "reading.boxes_ms",
            at_most(times),
            "≤ 50",
            f"one of {BOXES} boxes dragged: pointer moved → box redrawn, p95",
        ),
        Figure("reading.boxes_median_ms", statistics.median(times), "", "the same, median"),
        Figure(
            "reading.boxes_ratio",
            at_most(times) / at_most(alone),
            "≤ 1.5",
            f"p95 of one of {BOXES} over that of a box alone, {at_most(alone):.0f} ms: the browser's own share",
        ),
    ]


def at_most(times: list[float]) -> float:
    return times[int(0.95 * len(times))]


def dragged(instance: Instance, page: Page, boxes: int) -> list[float]:
    """Milliseconds of each move, sorted, of the box in the middle of so many."""
    task = shell(instance, f"prepare('fracture-radiograph', True, boxes={boxes})")
    page.goto(f"{instance.origin}/read/{task}")
    page.wait_for_function(PAINTED, arg="", timeout=60_000)
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    regions = page.get_by_test_id("region")
    assert regions.count() == boxes, regions.count()
    box = regions.nth(boxes // 2).get_attribute("data-region")
    x, y = page.evaluate(EDGE, box)
    page.evaluate(WATCH)
    page.mouse.move(x, y)
    page.mouse.down()
    for move in range(1, MOVES + 1):
        page.mouse.move(x + move, y + move / 2)
    page.mouse.up()
    assert regions.count() == boxes
    assert page.evaluate(EDGE, box) != [x, y], "the box did not follow"
    return sorted(page.evaluate("window.redraws"))
