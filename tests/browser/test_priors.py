"""An earlier film beside the one that is read: told apart, hidden by a key, never drawn on, and the case stands without it."""

from collections.abc import Generator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import pages
from tests.factories.dicom import make_file
from tests.instance import Instance, running

BEN = ("ben", "correct horse battery")
MAKE_TASK = f"""
from accounts.models import User
from accounts.roles import Role
from annotation import arrivals, tasks
from annotation.cases import build_cases
from annotation.models import Case
ben = User.objects.create_user({BEN[0]!r}, password={BEN[1]!r})
task = tasks.create_task("fracture-radiograph", "Compare")
tasks.set_role(task, ben, Role.READER)
build_cases(task)
arrivals.begin_here(task)
Case.objects.order_by("series__study__study_date").first().delete()
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Generator[Instance]:
    folder = tmp_path_factory.mktemp("visits")
    for day, view in (("20190801", "PA"), ("20200401", "PA")):
        pixels = np.random.default_rng(int(day)).integers(0, 4000, (200, 160)).astype(np.uint16)
        name, film = f"{day}-{view}.dcm", {"StudyDate": day, "ViewPosition": view}
        (folder / name).write_bytes(make_file(pixels, PatientID="P", PatientName="P", **film))
    with running("browser-priors") as started:
        started.manage("ingest", str(folder))
        started.manage("shell", "--no-imports", "-v0", "-c", MAKE_TASK)
        yield started


@pytest.fixture
def ben(browser: Browser, archive: Instance) -> Generator[Page]:
    yield from pages(browser, archive.origin, BEN)


def enter(page: Page, archive: Instance) -> tuple[Locator, Locator]:
    """The pane of the case and that of the prior."""
    page.goto(f"{archive.origin}/read/1")
    page.wait_for_function("() => document.documentElement.dataset.painted", timeout=60_000)
    own, prior = page.get_by_test_id("pane").all()
    return own, prior


def test_the_prior_says_what_it_is_and_goes_with_a_key(ben: Page, archive: Instance) -> None:
    own, prior = enter(ben, archive)

    expect(own.get_by_test_id("pane-label")).to_have_text("Current · PA")
    label = prior.get_by_test_id("pane-label")
    expect(label).to_contain_text("Prior · 8 months before · archive date")
    expect(prior).not_to_have_attribute("data-waiting", "")
    both = own.bounding_box()

    ben.keyboard.press("c")
    expect(prior).to_be_hidden()
    alone = own.bounding_box()
    assert both
    assert alone
    assert alone["width"] > 1.9 * both["width"]
    ben.keyboard.press("c")
    expect(prior).to_be_visible()


def test_a_box_is_drawn_on_the_case_and_not_on_its_prior(ben: Page, archive: Instance) -> None:
    own, prior = enter(ben, archive)
    expect(prior).not_to_have_attribute("data-waiting", "")
    ben.keyboard.press("1")  # a fracture: its box is armed

    for pane, boxes in ((prior, 0), (own, 1)):
        box = pane.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        ben.mouse.move(x - 40, y - 40)
        ben.mouse.down()
        ben.mouse.move(x, y, steps=3)
        ben.mouse.move(x + 40, y + 40)
        ben.mouse.up()
        expect(ben.get_by_test_id("region")).to_have_count(boxes)


def test_the_case_is_read_although_its_prior_cannot_be_had(ben: Page, archive: Instance) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=404, json={"detail": "gone"})

    own, prior = enter(ben, archive)
    images = ben.evaluate("() => performance.getEntriesByType('resource').map(one => one.name)")
    own_uid = ben.evaluate("() => document.documentElement.dataset.painted")
    frames = [url for url in images if "/dicomweb/" in url and own_uid not in url]
    assert frames
    for instance in {url.partition("/instances/")[2].partition("/")[0] for url in frames}:
        ben.route(f"**/instances/{instance}/**", refuse)

    own, prior = enter(ben, archive)

    expect(prior.get_by_test_id("pane-label")).to_contain_text("does not have this image any more")
    expect(own.get_by_test_id("marks")).to_be_visible()
    ben.get_by_role("radio", name="absent").click()
    ben.keyboard.press("Enter")
    expect(ben.get_by_text("Nothing left to read")).to_be_visible()
