"""The first image of a session, cold, over a line of 50 Mbit/s; beside it the bare transfer and decode of its frame."""

import statistics
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from config.demo_accounts import READER
from tests.benchmarks.figures import Figure
from tests.browser import chromium
from tests.instance import Instance

RUNS = 3
BITS_A_SECOND, LATENCY_MS = 50_000_000, 5
LINE = {
    "offline": False,
    "latency": LATENCY_MS,
    "downloadThroughput": BITS_A_SECOND / 8,
    "uploadThroughput": BITS_A_SECOND / 8,
}
# when its own image stood on the screen, on the clock that starts with the page
PAINTED = """
() => {
  const uid = document.documentElement.dataset.painted
  const [mark] = uid ? performance.getEntriesByName(`painted:${uid}`) : []
  return mark ? { uid, at: mark.startTime } : null
}
"""
PRESSED = "addEventListener('click', event => { window.pressedAt ??= event.timeStamp }, true)"
FRAME = """
uid => {
  const [decoded] = performance.getEntriesByName(`decoded:${uid}`)
  const [preview] = performance.getEntriesByName(`preview:${uid}`)
  const frame = performance.getEntriesByType('resource').find(({ name }) => name.includes(uid) && name.includes('/frames/'))
  return { address: frame.name, decode: decoded.detail, preview: preview?.startTime ?? null }
}
"""
# the same frame once more, past every cache, by a page that has nothing else to do
BARE = """
async address => {
  const from = performance.now()
  const answer = await fetch(address, { cache: 'no-store', headers: { Accept: 'application/octet-stream; transfer-syntax=*' } })
  await answer.arrayBuffer()
  return performance.now() - from
}
"""


@dataclass(frozen=True)
class First:
    """Milliseconds of one session: to the first preview, to the first image in full, and of the bare frame."""

    preview: float
    shown: float
    bare: float


def measure(browser: Browser, instance: Instance) -> list[Figure]:
    """Sessions that begin on the task's page, and ones whose browser knows nothing when the room's address is opened."""
    pressed = [session(browser, instance, straight=False) for _ in range(RUNS)]
    straight = [session(browser, instance, straight=True) for _ in range(RUNS)]
    return [
        Figure(
            "reading.first_ratio",
            statistics.median(first.shown / first.bare for first in pressed),
            "≤ 1.3",
            "first image in full from pressing Read, over bare transfer plus decode",
        ),
        Figure(
            "reading.first_preview_ratio",
            statistics.median(first.preview / first.bare for first in pressed),
            "",
            "its coarse preview, over the same",
        ),
        Figure("reading.first_ms", statistics.median(f.shown for f in pressed), "", "in full, ms"),
        Figure("reading.first_bare_ms", statistics.median(f.bare for f in pressed), "", "bare, ms"),
        Figure(
            "reading.first_straight_ratio",
            statistics.median(first.shown / first.bare for first in straight),
            "",
            "in full from opening the room's address with an empty browser: the page itself comes too",
        ),
        Figure(
            "reading.first_straight_preview_ratio",
            statistics.median(first.preview / first.bare for first in straight),
            "",
            "its coarse preview, over the same",
        ),
    ]


def session(browser: Browser, instance: Instance, straight: bool) -> First:
    context = chromium.context(browser)
    page = context.new_page()
    chromium.sign_in(page, instance.origin, READER)
    over_the_line(page)
    if straight:
        page.goto(f"{instance.origin}/read/1", wait_until="commit")
    else:
        press_read(page, instance)
    painted = page.wait_for_function(PAINTED, timeout=120_000).json_value()
    began = 0.0 if straight else page.evaluate("window.pressedAt")
    frame = page.evaluate(FRAME, painted["uid"])
    page.close()
    page = context.new_page()
    page.goto(f"{instance.origin}/healthz")
    over_the_line(page)
    bare = page.evaluate(BARE, frame["address"]) + frame["decode"]
    context.close()
    # a preview that the image itself was faster than is not shown
    preview = painted["at"] if frame["preview"] is None else frame["preview"]
    return First(preview - began, painted["at"] - began, bare)


def over_the_line(page: Page) -> None:
    network = page.context.new_cdp_session(page)
    network.send("Network.clearBrowserCache")
    network.send("Network.emulateNetworkConditions", LINE)


def press_read(page: Page, instance: Instance) -> None:
    """As soon as nothing is loading any more; somebody who looks at the page first gives it as long."""
    page.goto(f"{instance.origin}/tasks/1")
    page.get_by_test_id("read").wait_for()
    page.wait_for_timeout(3_000)
    page.evaluate(PRESSED)
    page.get_by_test_id("read").click()
