"""What every test in the reading room does."""

from playwright.sync_api import Page


def open_reading_room(page: Page, origin: str) -> None:
    enter_reading_room(page, origin)
    wait_for_picture(page, "")


def enter_reading_room(page: Page, origin: str) -> None:
    page.goto(origin)
    page.get_by_text("Knee OA (KL grade)").first.click()
    page.get_by_role("link", name="Read").or_(page.get_by_role("button", name="Read")).first.click()


def wait_for_picture(page: Page, before: str) -> str:
    """Until another image than `before` is really painted; returns its SOP Instance UID."""
    handle = page.wait_for_function(
        "before => { const now = document.documentElement.dataset.painted; return now && now !== before ? now : null }",
        arg=before,
        timeout=60_000,
    )
    return str(handle.json_value())
