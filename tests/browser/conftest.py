"""One real instance with a small demo, and one browser, for all browser tests."""

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page, expect

from config.demo_accounts import ADMIN, READER
from tests.browser import chromium
from tests.instance import ROOT, Instance, running

SIZE = ("--cases", "200", "--large", "6", "--reads", "60", "--fractures", "12", "--mr", "3")
expect.set_options(timeout=15_000)  # the machine may be busy with something else


@pytest.fixture(scope="session")
def instance() -> Generator[Instance]:
    with running("browser") as started:
        started.manage("demo", *SIZE)
        yield started


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    with chromium.browser() as opened:
        yield opened


def pages(browser: Browser, origin: str, account: tuple[str, str]) -> Generator[Page]:
    context = chromium.context(browser)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    # a failing test shows these: what the page and the network said, and how it looked
    page.on("console", lambda said: print(f"{account[0]}: {said.type}: {said.text}"))
    page.on(
        "requestfailed", lambda request: print(f"{account[0]}: {request.url}: {request.failure}")
    )
    chromium.sign_in(page, origin, account)
    yield page
    page.screenshot(path=ROOT / "build" / f"browser-{account[0]}.png")
    context.close()
    assert errors == []


@pytest.fixture
def reader(browser: Browser, instance: Instance) -> Generator[Page]:
    yield from pages(browser, instance.origin, READER)


@pytest.fixture
def admin(browser: Browser, instance: Instance) -> Generator[Page]:
    yield from pages(browser, instance.origin, ADMIN)
