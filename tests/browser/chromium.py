"""Headless Chromium for tests and benchmarks: from the path, else Playwright's own."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",  # root may not use the sandbox; the pages are our own
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
]


def executable(playwright: Playwright) -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or playwright.chromium.executable_path


@contextmanager
def browser() -> Generator[Browser]:
    # Django refuses its synchronous ORM where Playwright's loop runs; the tests call it from the same thread
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=executable(playwright), args=ARGUMENTS)


def context(opened: Browser, width: int = 1440, height: int = 900) -> BrowserContext:
    return opened.new_context(viewport={"width": width, "height": height}, locale="en-GB")


def sign_in(page: Page, origin: str, account: tuple[str, str]) -> None:
    page.goto(f"{origin}/accounts/login/")
    page.get_by_label("Name").fill(account[0])
    page.get_by_label("Password").fill(account[1])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
