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
# the same frame once more, past every cache; and how long the decoder took for it
BARE = """
async uid => {
  const frame = performance.getEntriesByType('resource').find(({ name }) => name.includes(uid) && name.includes('/frames/'))
  const from = performance.now()
  const answer = await fetch(frame.name, { cache: 'no-store', headers: { Accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=*' } })
  await answer.arrayBuffer()
  const transfer = performance.now() - from
  const [decoded] = performance.getEntriesByName(`decoded:${uid}`)
  return transfer + decoded.detail
}
"""


@dataclass(frozen=True)
class First:
    """Milliseconds of one session: to the first image, and of the bare frame."""

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
            "first image from pressing Read, over bare transfer plus decode",
        ),
        Figure("reading.first_ms", statistics.median(f.shown for f in pressed), "", "the same, ms"),
        Figure(
            "reading.first_straight_ratio",
            statistics.median(first.shown / first.bare for first in straight),
            "",
            "from opening the room's address with an empty browser: the page itself comes too",
        ),
    ]


def session(browser: Browser, instance: Instance, straight: bool) -> First:
    context = chromium.context(browser)
    page = context.new_page()
    chromium.sign_in(page, instance.origin, READER)
    network = context.new_cdp_session(page)
    network.send("Network.clearBrowserCache")
    network.send("Network.emulateNetworkConditions", LINE)
    if straight:
        page.goto(f"{instance.origin}/read/1", wait_until="commit")
    else:
        press_read(page, instance)
    painted = page.wait_for_function(PAINTED, timeout=120_000).json_value()
    began = 0.0 if straight else page.evaluate("window.pressedAt")
    bare = page.evaluate(BARE, painted["uid"])
    context.close()
    return First(painted["at"] - began, bare)


def press_read(page: Page, instance: Instance) -> None:
    """As soon as nothing is loading any more; somebody who looks at the page first gives it as long."""
    page.goto(f"{instance.origin}/tasks/1")
    page.get_by_test_id("read").wait_for()
    page.wait_for_timeout(3_000)
    page.evaluate(PRESSED)
    page.get_by_test_id("read").click()
