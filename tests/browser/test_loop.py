"""The main job in a real browser: sign in, read by keyboard, see a model learn and propose."""

import re

from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.room import open_reading_room, wait_for_picture
from tests.instance import Instance

TASK = re.compile(r"^/read/\d+")


def read_one(page: Page, digit: str) -> None:
    before = page.evaluate("document.documentElement.dataset.painted")
    page.keyboard.press(digit)
    page.keyboard.press("Enter")
    wait_for_picture(page, before)


def test_three_cases_by_keyboard_teach_a_model_that_proposes(
    reader: Page, admin: Page, instance: Instance
) -> None:
    instance.manage("shell", "--no-imports", "-v0", "-c", RETRAIN_AFTER_THREE)
    open_reading_room(reader, instance.origin)
    progress = reader.get_by_test_id("progress")
    first = int(re.findall(r"\d+", progress.inner_text())[0])

    for digit in "123":
        read_one(reader, digit)

    expect(progress).to_contain_text(str(first + 3))
    expect(reader.get_by_test_id("save-status")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
    admin.goto(f"{instance.origin}/tasks/1")
    expect(admin.get_by_text(re.compile(r"model \d", re.I)).first).to_be_visible(timeout=120_000)
    wait_until_predicted(admin)
    read_until_a_proposal(reader)


def wait_until_predicted(page: Page) -> None:
    for _ in range(240):
        if page.evaluate(PREDICTED):
            return
        page.wait_for_timeout(500)
    raise AssertionError("No waiting case was predicted in two minutes.")


PREDICTED = """async () => {
  const answer = await fetch('/api/tasks/1/worklist/?state=waiting&limit=1&reveal=1')
  return answer.ok && (await answer.json()).results[0]?.prediction != null
}"""
RETRAIN_AFTER_THREE = "from annotation.models import Task; Task.objects.filter(pk=1).update(retrain_every=3, unassisted_share=0.0)"


def read_until_a_proposal(page: Page) -> None:
    """Cases of locked test patients come without one, so a few may pass before it appears."""
    for _ in range(20):
        try:
            page.get_by_test_id("proposal").first.wait_for(timeout=2_000)
        except TimeoutError:
            read_one(page, "2")
        else:
            return
    raise AssertionError("No pre-annotation appeared in twenty cases.")


def test_the_key_that_gives_the_reason_of_a_skip_does_not_answer_the_next_case(
    reader: Page, instance: Instance
) -> None:
    open_reading_room(reader, instance.origin)
    before = reader.evaluate("document.documentElement.dataset.painted")

    reader.keyboard.press("s")
    expect(reader.get_by_test_id("skip-dialog")).to_be_visible()
    reader.keyboard.press("Enter")
    expect(reader.get_by_test_id("skip-dialog")).to_be_visible()  # no reason has the focus
    reader.keyboard.press("4")
    wait_for_picture(reader, before)

    expect(reader.locator('[role="radio"]').first).to_be_visible()
    expect(reader.locator('[role="radio"][aria-checked="true"]')).to_have_count(0)
