"""Enter → the next, prefetched case painted: 2000 x 2500 pixels of 16 bits, headless Chromium with software WebGL."""

import statistics

from playwright.sync_api import Page

from config.demo_accounts import READER
from tests.benchmarks import boxes, first, reading_actions, series
from tests.benchmarks.figures import Figure
from tests.browser import chromium
from tests.instance import running

CASES = 24
READING_MS = (
    4_000  # a reader looks that long at least; the next case is fetched and decoded meanwhile
)
COUNTED = 12

# From the key's own time stamp to the mark which the page sets when that case's image was rendered.
WATCH = """
addEventListener('keydown', event => { if (event.key === 'Enter') window.enterAt = event.timeStamp }, true)
"""
PAINTED = """
before => {
  const now = document.documentElement.dataset.painted
  if (!now || now === before) return null
  const marks = performance.getEntriesByName(`painted:${now}`)
  return { uid: now, ms: marks[marks.length - 1].startTime - window.enterAt }
}
"""


def next_case(page: Page, before: str) -> tuple[str, float]:
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    found = page.wait_for_function(PAINTED, arg=before, timeout=60_000).json_value()
    return str(found["uid"]), float(found["ms"])


def read_on(page: Page) -> list[float]:
    """Milliseconds from one case to the next, one after the other."""
    painted = page.wait_for_function(
        "() => document.documentElement.dataset.painted", timeout=60_000
    )
    page.evaluate(WATCH)
    uid, times = str(painted.json_value()), []
    for _ in range(COUNTED + 1):
        page.wait_for_timeout(READING_MS)
        uid, ms = next_case(page, uid)
        times.append(ms)
    return times


def measure() -> tuple[list[Figure], str]:
    with running("reading") as instance, chromium.browser() as browser:
        instance.manage("demo", "--cases", str(CASES), "--large", str(CASES), "--reads", "0")
        page = chromium.context(browser).new_page()
        chromium.sign_in(page, instance.origin, READER)
        page.goto(f"{instance.origin}/read/1")
        times = read_on(page)
        actions = reading_actions.measure(instance, page)
        dragged = boxes.measure(instance, page)
        page.context.close()
        firsts = first.measure(browser, instance)
    times = times[1:]  # the first pays for what the browser compiles once
    figures = [
        *actions,
        Figure(
            "reading.next_ms",
            statistics.median(times),
            "≤ 200",
            "Enter → next case painted, median",
        ),
        Figure("reading.next_max_ms", max(times), "", f"the slowest of {COUNTED}"),
        *dragged,
        *firsts,
        *series.measure(),
    ]
    return figures, (
        f"{COUNTED} cases after one not counted; {READING_MS / 1000:.0f} s of looking at each; the web server, its "
        "workers and the browser share the machine. Times from the key event's own stamp to the render of that "
        "case's own image. The first image of a session comes over 50 Mbit/s with 5 ms of delay, with nothing in the "
        "browser's cache; in full are its exact pixels, the preview a quarter of its columns and rows. Memory is the "
        "proportional set size (without files) of all the browser's processes after a collection, no debugger attached.\n\n"
        f"Keys and actions: the most of {reading_actions.READS} reads in each of four tasks made from the templates, "
        "counted from the browser's own key and button events until the next case is painted; the server's submitted "
        "answers were compared afterwards. The predictions stand as rows, made for the purpose, and the images are the "
        "phantom knees.\n"
    )
