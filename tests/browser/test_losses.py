"""Nothing is lost: a cut network, a killed tab, an ended session, a side in doubt; and a read that is amended."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from config.demo_accounts import READER
from tests.browser import chromium
from tests.browser.room import open_reading_room, wait_for_picture
from tests.instance import Instance

SAVED = re.compile(r"saved \d\d:\d\d:\d\d")
MINE = """async annotation => (await (await fetch(`/api/annotations/${annotation}/`)).json()).annotation"""
# the image of the case ahead came after that of the one at hand
PREFETCHED = """() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/frames')).length > 1"""


@pytest.fixture
def room(reader: Page, instance: Instance) -> Page:
    open_reading_room(reader, instance.origin)
    return reader


QUESTIONS = 8  # more than the form has


def at_hand(page: Page) -> int:
    """The annotation of the case on the screen; the keys belong to its grade, whatever an earlier draft answered."""
    for _ in range(QUESTIONS):
        page.keyboard.press("k")
    return int(page.locator("[data-annotation]").get_attribute("data-annotation") or 0)


def stored(page: Page, annotation: int) -> tuple[str, int | None]:
    """What the server has: state and grade."""
    found = page.evaluate(MINE, annotation)
    return found["state"], found["answers"].get("kl", {}).get("value")


def checked(page: Page) -> str:
    return page.locator('[role="radio"][aria-checked="true"]').first.inner_text()


def kill(page: Page) -> Page:
    """The tab is gone without a farewell; another one of the same browser."""
    page.close()
    return page.context.new_page()


def test_answers_survive_a_cut_network_and_a_killed_tab(reader: Page, instance: Instance) -> None:
    room = reader.context.new_page()
    open_reading_room(room, instance.origin)
    first = at_hand(room)
    room.wait_for_function(PREFETCHED)
    room.context.set_offline(True)
    shown = room.evaluate("document.documentElement.dataset.painted")
    room.keyboard.press("3")
    expect(room.get_by_test_id("save-status")).to_contain_text("not saved")
    room.keyboard.press("Enter")
    wait_for_picture(room, shown)
    second = at_hand(room)
    room.keyboard.press("4")
    expect(room.get_by_test_id("save-status")).to_contain_text("not saved, 1 not sent")
    again = kill(room)
    again.context.set_offline(False)
    again.goto(f"{instance.origin}/read/1")

    wait_for_picture(again, "")
    assert at_hand(again) == second
    expect(again.get_by_test_id("restored")).to_contain_text("Brought back from this machine")
    expect(again.get_by_test_id("save-status")).to_contain_text(SAVED, timeout=15_000)
    assert checked(again).startswith("4")
    assert stored(again, first) == ("submitted", 3)
    assert stored(again, second) == ("draft", 4)


def test_saved_is_the_servers_word_where_its_answer_is_lost(room: Page) -> None:
    annotation = at_hand(room)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    room.route(f"**/api/annotations/{annotation}/", lose_the_answer, times=1)
    room.keyboard.press("2")
    expect(room.get_by_test_id("save-status")).to_contain_text("not saved")
    expect(room.get_by_test_id("save-status")).to_contain_text(SAVED)
    assert stored(room, annotation) == ("draft", 2)
    expect(room.get_by_test_id("conflict")).to_have_count(0)


def test_an_ended_session_is_told_and_reading_goes_on_after_the_sign_in(room: Page) -> None:
    annotation = at_hand(room)
    room.wait_for_function(PREFETCHED)
    room.context.clear_cookies()
    room.keyboard.press("1")
    expect(room.get_by_test_id("signed-out")).to_be_visible()
    expect(room.get_by_test_id("save-status")).to_contain_text("sign in")

    with room.context.expect_page() as opened:
        room.get_by_role("button", name="Sign in in a new tab").click()
    beside = opened.value
    beside.get_by_label("Name").fill(READER[0])
    beside.get_by_label("Password").fill(READER[1])
    with beside.expect_event("close"):
        beside.get_by_role("button", name="Sign in").click()

    expect(room.get_by_test_id("save-status")).to_contain_text(SAVED, timeout=15_000)
    expect(room.get_by_test_id("signed-out")).to_have_count(0)
    assert stored(room, annotation) == ("draft", 1)


# as at plain http addresses other than localhost
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })"


@pytest.mark.parametrize("script", ["", NO_LOCKS], ids=["browser's locks", "own locks"])
def test_a_second_tab_only_shows_the_case_until_the_reader_goes_on_there(
    room: Page, instance: Instance, script: str
) -> None:
    room.context.add_init_script(script)
    room.reload()
    wait_for_picture(room, "")
    annotation = at_hand(room)
    room.keyboard.press("2")
    expect(room.get_by_test_id("save-status")).to_contain_text(SAVED)
    other = room.context.new_page()
    open_reading_room(other, instance.origin)
    assert at_hand(other) == annotation
    other.keyboard.press("0")
    expect(other.get_by_test_id("away")).to_contain_text("Open in another tab")
    assert checked(other).startswith("2")

    other.get_by_role("button", name="Go on here").click()
    expect(other.get_by_test_id("away")).to_have_count(0)
    at_hand(other)
    other.keyboard.press("3")
    expect(other.get_by_test_id("save-status")).to_contain_text(SAVED)
    expect(room.get_by_test_id("away")).to_contain_text("You went on in another tab")
    room.bring_to_front()
    at_hand(room)
    room.keyboard.press("1")
    expect(room.get_by_test_id("notice")).to_contain_text("only shown")
    assert stored(other, annotation) == ("draft", 3)
    other.close()


def test_a_stale_page_shows_both_texts_and_the_reader_chooses(
    room: Page, browser: Browser, instance: Instance
) -> None:
    annotation = at_hand(room)
    machine = chromium.context(browser)
    other = machine.new_page()
    chromium.sign_in(other, instance.origin, READER)
    open_reading_room(other, instance.origin)
    assert at_hand(other) == annotation
    other.keyboard.press("0")
    expect(other.get_by_test_id("save-status")).to_contain_text(SAVED)

    room.keyboard.press("4")
    conflict = room.get_by_test_id("conflict")
    expect(conflict.get_by_test_id("mine")).to_contain_text("4")
    expect(conflict.get_by_test_id("theirs")).to_contain_text("0")
    assert stored(room, annotation) == ("draft", 0)
    conflict.get_by_role("button", name="Keep mine").click()

    expect(room.get_by_test_id("save-status")).to_contain_text(SAVED)
    assert stored(room, annotation) == ("draft", 4)
    machine.close()


DOUBT = """
from annotation.models import Annotation
case = Annotation.objects.get(pk={annotation}).case
case.flags = [{{"code": "laterality_conflict", "sentence": "Tag says right, file name says left."}}]
case.laterality = ""
case.save()
"""


def test_a_side_in_doubt_blocks_the_submit_until_one_key_settles_it(
    room: Page, instance: Instance
) -> None:
    annotation = at_hand(room)
    instance.manage("shell", "--no-imports", "-v0", "-c", DOUBT.format(annotation=annotation))
    room.reload()
    before = wait_for_picture(room, "")
    assert at_hand(room) == annotation
    expect(room.get_by_test_id("side")).to_contain_text("SIDE UNCLEAR")
    expect(room.get_by_test_id("side-box")).to_contain_text("Tag says right")
    expect(room.get_by_test_id("side-box")).to_contain_text("file name says left")

    room.keyboard.press("2")
    room.keyboard.press("Enter")
    expect(room.get_by_test_id("notice")).to_contain_text("Settle first which side this is")
    room.keyboard.press("Shift+L")
    expect(room.get_by_test_id("side")).to_contain_text("LEFT")
    room.keyboard.press("Enter")
    wait_for_picture(room, before)

    expect(room.get_by_test_id("save-status")).to_contain_text(SAVED)
    assert room.evaluate(MINE, annotation)["side"] == "L"


def test_a_read_is_found_again_and_amended_with_a_reason(room: Page, instance: Instance) -> None:
    annotation, before = at_hand(room), room.evaluate("document.documentElement.dataset.painted")
    room.keyboard.press("d")
    room.get_by_label("What is to be discussed?").fill("Is this an osteophyte?")
    room.keyboard.press("Enter")
    expect(room.get_by_test_id("discuss-dialog")).to_have_count(0)
    room.keyboard.press("1")
    room.keyboard.press("Enter")
    wait_for_picture(room, before)
    expect(room.get_by_test_id("save-status")).to_contain_text(SAVED)

    room.get_by_role("link", name="My reads").click()
    room.get_by_label("Case, patient or note").fill("osteophyte")
    row = room.get_by_test_id("read-row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("to discuss")
    row.get_by_role("link").click()
    wait_for_picture(room, "")
    assert at_hand(room) == annotation
    assert checked(room).startswith("1")
    room.keyboard.press("3")
    expect(room.get_by_test_id("save-status")).to_contain_text("not amended yet")
    room.keyboard.press("Enter")
    expect(room.get_by_test_id("amend-dialog")).to_be_visible()
    room.keyboard.press("Enter")  # a second time by mistake: it gives no reason
    room.keyboard.press("2")

    expect(room.get_by_test_id("read-row").filter(has_text="amended")).not_to_have_count(0)
    amended = room.evaluate(MINE, annotation)
    assert (amended["answers"]["kl"]["value"], amended["version"] >= 2) == (3, True)
    assert amended["amend_reason"] == "Seen again, judged anew"


def test_a_lost_hold_is_told_at_once_and_nothing_is_lost(room: Page, instance: Instance) -> None:
    annotation = at_hand(room)
    instance.manage("shell", "--no-imports", "-v0", "-c", TAKE.format(annotation=annotation))
    room.keyboard.press("2")
    expect(room.get_by_test_id("lease-lost")).to_be_visible()
    assert stored(room, annotation) == ("draft", 2)


TAKE = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from annotation.models import Annotation
case = Annotation.objects.get(pk={annotation}).case
case.lease_reader = User.objects.exclude(pk=case.lease_reader_id).first()
case.lease_until = timezone.now() + timedelta(minutes=9)
case.save()
"""
