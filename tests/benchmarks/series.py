"""How much memory a browser keeps of a series of 1,000 slices that was scrolled through and left."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page
from pydicom.uid import generate_uid

from tests.benchmarks.figures import Figure
from tests.benchmarks.lone import Lone, lone
from tests.browser import chromium
from tests.factories.stacks import write_stack
from tests.instance import Instance, running

SLICES, SIDE = 1_000, 512
ANN = ("ann", "correct horse battery")
# two tasks of one case each: the page is warm before it is measured
MAKE_TASKS = f"""
from accounts.models import User
from annotation import tasks
from annotation.models import Case, CaseSeries
from archive.models import Series
User.objects.create_user({ANN[0]!r}, password={ANN[1]!r}, is_staff=True)
for series in Series.objects.select_related("study__patient"):
    task = tasks.create_task("fracture-radiograph", "a thousand" if series.instances.count() > 100 else "b few")
    case = Case.objects.create(task=task, patient=series.study.patient, key="one", name="one")
    CaseSeries.objects.create(case=case, series=series, position=0)
"""
LARGEST, SMALL = "a thousand", "b few"


def measure() -> list[Figure]:
    with running("series") as instance, lone() as browser:
        with tempfile.TemporaryDirectory() as folder:
            study, space = generate_uid(), generate_uid()
            write_stack(Path(folder), "axial", SLICES, SIDE, study, space, LARGEST)
            write_stack(Path(folder), "coronal", 20, SIDE, study, space, SMALL)
            instance.manage("ingest", folder)
        instance.manage("shell", "--no-imports", "-v0", "-c", MAKE_TASKS)
        return figures(browser, instance)


def figures(browser: Lone, instance: Instance) -> list[Figure]:
    """Before, with the last slice on the screen, and after leaving by the page's own links."""
    with browser.page() as page:
        chromium.sign_in(page, instance.origin, ANN)
        enter(page, instance, SMALL)
        leave(page, instance)
    loose, before = browser.megabytes(pressed=False), browser.megabytes()
    with browser.page() as page:
        enter(page, instance, LARGEST)
        scroll(page)
    peak = browser.megabytes()
    with browser.page() as page:
        leave(page, instance)
    loose_after, after = browser.megabytes(pressed=False), browser.megabytes()
    return [
        Figure(
            "reading.series_mb",
            after - before,
            "≤ 100",
            f"browser memory after scrolling and leaving {SLICES} slices, over before, MB",
        ),
        Figure(
            "reading.series_loose_mb",
            loose_after - loose,
            "",
            "the same, without asking the browser to give free pages back",
        ),
        Figure("reading.series_peak_mb", peak - before, "", "while it was shown, over before, MB"),
    ]


def scroll(page: Page) -> None:
    for _ in range(SLICES // 2):
        page.keyboard.press("PageUp")
    for at in range(SLICES):
        page.keyboard.press("PageDown")
        if at % 20 == 0:
            page.wait_for_timeout(100)
    page.get_by_text(f"image {SLICES} of {SLICES}").wait_for(timeout=120_000)


def enter(page: Page, instance: Instance, task: str) -> None:
    page.get_by_text(task).first.click()
    page.get_by_role("link", name="Read").or_(page.get_by_role("button", name="Read")).first.click()
    page.wait_for_function("() => document.documentElement.dataset.painted", timeout=120_000)


def leave(page: Page, instance: Instance) -> None:
    """By the page's own links: a new page would hide what the old one kept."""
    page.locator("header a").first.click()
    page.wait_for_function("() => !('painted' in document.documentElement.dataset)")
    page.get_by_role("link", name="Tasks").first.click()
    page.wait_for_timeout(2_000)
