"""Every page in both languages by axe-core: nothing that it calls serious or critical."""

from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from config.demo_accounts import ADMIN
from tests.browser.conftest import pages
from tests.browser.room import wait_for_picture
from tests.instance import ROOT, Instance

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
RUN = """async () => {
  const found = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
  return found.violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => node.html.slice(0, 160)).join(' | ')}`)
}"""
TABS = ("", "/worklist", "/training", "/models", "/datasets", "/form", "/settings")
PAGES = (
    "/tasks",
    *(f"/tasks/1{tab}" for tab in TABS),
    "/tasks/1/models/1",
    "/data",
    "/data/upload",
    "/data/holds",
    "/jobs",
    "/nowhere",
)


@pytest.fixture(params=["en", "zh"])
def office(request: Any, browser: Browser, instance: Instance) -> Generator[Page]:
    for page in pages(browser, instance.origin, ADMIN):
        page.context.add_cookies(
            [{"name": "osteon_language", "value": request.param, "url": instance.origin}]
        )
        yield page


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())  # no script tag: the content policy lets no foreign one in
    found: list[str] = page.evaluate(RUN)
    return found


def test_no_page_shuts_anybody_out(office: Page, instance: Instance) -> None:
    found = {}
    for path in PAGES:
        office.goto(instance.origin + path)
        office.wait_for_load_state("networkidle")
        found[path] = violations(office)
    assert {path: said for path, said in found.items() if said} == {}


def test_nor_does_the_reading_room(office: Page, instance: Instance) -> None:
    office.goto(f"{instance.origin}/read/1")
    wait_for_picture(office, "")
    assert violations(office) == []
    office.keyboard.press("?")
    office.get_by_role("dialog").wait_for()
    assert violations(office) == []


def test_nor_does_the_way_in(browser: Browser, instance: Instance) -> None:
    page = browser.new_page()
    page.goto(f"{instance.origin}/accounts/login/")
    assert violations(page) == []
    page.close()
