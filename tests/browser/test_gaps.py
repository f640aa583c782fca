"""Images that cannot be shown: the others stay readable, the reader is told, and nothing is left unhandled."""

from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pydicom.uid import generate_uid

from tests.browser.conftest import pages
from tests.factories.dicom import make_file
from tests.factories.stacks import write_stack
from tests.instance import Instance, running

ANN = ("ann", "correct horse battery")
SLICES, SIDE = 20, 64
OPENS_AT = SLICES // 2 + 1
TOO_WIDE = 40_000  # graphics of today hold 16,384 or 32,768 along a side
MAKE_TASK = f"""
from accounts.models import User
from annotation import tasks
from annotation.models import Case, CaseSeries
from archive.models import Series
User.objects.create_user({ANN[0]!r}, password={ANN[1]!r}, is_staff=True)
task = tasks.create_task("fracture-radiograph", "One stack")
def one_case(task, modality):
    series = Series.objects.select_related("study__patient").get(modality=modality)
    case = Case.objects.create(task=task, patient=series.study.patient, key="one", name="one")
    CaseSeries.objects.create(case=case, series=series, position=0)
one_case(task, "MR")
one_case(tasks.create_task("knee-oa-kl", "Too wide"), "DX")
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Generator[Instance]:
    folder = tmp_path_factory.mktemp("gaps")
    write_stack(Path(folder), "axial", SLICES, SIDE, generate_uid(), generate_uid())
    wide = np.full((40, TOO_WIDE), 900, np.uint16)
    (Path(folder) / "wide.dcm").write_bytes(make_file(wide, Modality="DX", PatientID="wide"))
    with running("browser-gaps") as started:
        started.manage("ingest", str(folder))
        started.manage("shell", "--no-imports", "-v0", "-c", MAKE_TASK)
        yield started


@pytest.fixture
def page(browser: Browser, archive: Instance) -> Generator[Page]:
    """Fails as well where the page leaves an error unhandled."""
    yield from pages(browser, archive.origin, ANN)


def enter(page: Page, archive: Instance) -> None:
    page.goto(f"{archive.origin}/read/1")
    page.wait_for_function("() => document.documentElement.dataset.painted", timeout=60_000)


def torn(route: Route) -> None:
    route.fulfill(
        body=b"\xff\x4f\xff\x51 torn",
        headers={
            "Content-Type": "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.201"
        },
    )


class Torn:
    """Tears the n-th frame that is asked for, whenever it is."""

    def __init__(self, *numbers: int) -> None:
        self.numbers, self.seen = numbers, dict[str, int]()

    def __call__(self, route: Route) -> None:
        number = self.seen.setdefault(route.request.url, len(self.seen))
        if number in self.numbers:
            torn(route)
        else:
            route.continue_()


def test_the_slice_that_a_stack_opens_with_may_be_lost(page: Page, archive: Instance) -> None:
    page.route("**/frames/*", Torn(0))  # the first that is asked for
    enter(page, archive)

    told = page.get_by_test_id("gaps")
    expect(told).to_contain_text(f"image {OPENS_AT} of {SLICES}")
    expect(page.get_by_test_id("gap")).to_be_hidden()  # a neighbour is shown
    neighbour = page.get_by_test_id("readout")
    expect(neighbour).to_contain_text(f"image {OPENS_AT - 1} of {SLICES}")

    page.keyboard.press("PageDown")
    expect(page.get_by_test_id("gap")).to_contain_text(f"Image {OPENS_AT} of {SLICES}")
    page.keyboard.press("PageDown")
    expect(page.get_by_test_id("gap")).to_be_hidden()
    expect(page.get_by_test_id("readout")).to_contain_text(f"image {OPENS_AT + 1} of {SLICES}")
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    expect(page.get_by_test_id("gap")).to_be_hidden()

    page.keyboard.press("Shift+W")
    expect(told.get_by_role("button")).to_have_count(0)
    expect(told).to_be_visible()


def test_an_ended_session_is_no_lost_slice(page: Page, archive: Instance) -> None:
    page.route("**/frames/*", lambda route: route.fulfill(status=401, json={"detail": "Sign in."}))
    page.goto(f"{archive.origin}/read/1")
    expect(page.get_by_test_id("pixels-failed")).to_contain_text("signed out")
    expect(page.get_by_test_id("gaps")).to_have_count(0)


def test_an_image_that_the_graphics_cannot_hold_is_not_answered(
    page: Page, archive: Instance
) -> None:
    page.goto(f"{archive.origin}/read/2")
    expect(page.get_by_test_id("pixels-failed")).to_contain_text(f"{TOO_WIDE} × 40 pixels")
    page.keyboard.press("2")
    expect(page.locator("[data-answer][aria-checked=true]")).to_have_count(0)
