"""A fast run as an admin follows it: live, its card with figures and plots, against the version before, and back again."""

import json
import re

from playwright.sync_api import Page, expect

from tests.instance import Instance

A_RUN = 180_000  # ms
# a run of a second is live too short a time to be waited for
WATCH = """() => new MutationObserver(() => {
  window.seenLive ||= document.querySelector('[data-testid=live-run] [role=progressbar]') !== null
}).observe(document.body, { childList: true, subtree: true })"""
# something to learn anew: a training on the same references is refused
AMEND = """
from annotation.models import Annotation
read = Annotation.objects.filter(case__task=1, state="submitted").earliest("pk")
Annotation.objects.filter(pk=read.pk).update(version=read.version + 1)
"""
# whatever the gate says of a second version that learned the same: this is about the pages
CURRENT = """
import json
from django.apps import apps
versions = apps.get_model("training", "ModelVersion").objects.filter(task=1)
newer, older = versions.exclude(state="deleted").order_by("-number")[:2]
versions.filter(state="current").update(state="retired")
versions.filter(pk=older.pk).update(state="retired", gate={**older.gate, "passed": True})
versions.filter(pk=newer.pk).update(state="current", gate={**newer.gate, "passed": True})
print(json.dumps([[older.pk, older.number], [newer.pk, newer.number]]))
"""


def test_a_run_is_followed_its_version_compared_and_taken_back(
    admin: Page, instance: Instance
) -> None:
    task = f"{instance.origin}/tasks/1"
    instance.manage("shell", "--no-imports", "-v0", "-c", AMEND)
    admin.goto(f"{task}/training")
    runs = admin.locator("tbody tr").filter(has=admin.locator("[aria-expanded]"))
    expect(runs.first).to_be_visible()

    admin.evaluate(WATCH)
    again = admin.get_by_role("button", name="Retrain now")
    again.click(timeout=A_RUN)  # it waits for the demo's own first run
    before = runs.count()
    admin.get_by_role("menuitem", name="Fast").click()

    expect(runs).to_have_count(before + 1)
    expect(admin.get_by_test_id("live-run")).to_be_hidden(timeout=A_RUN)
    assert admin.evaluate("window.seenLive")
    expect(runs.first).to_contain_text(re.compile(r"model \d+"))
    runs.first.get_by_role("button").click()
    expect(admin.get_by_test_id("log")).to_contain_text("Gate: ")
    expect(admin.get_by_test_id("learning-curve").locator("canvas")).to_be_visible()
    again.click()
    expect(admin.get_by_role("menuitem", name="would give the same model")).to_be_disabled()

    said = instance.manage("shell", "--no-imports", "-v0", "-c", CURRENT)
    (old, first), (new, second) = json.loads(said.strip().splitlines()[-1])
    admin.goto(f"{task}/models/{new}")
    card = admin.get_by_test_id("model-card")
    expect(card.get_by_role("term").filter(has_text="QWK").first).to_be_visible()
    expect(card.get_by_role("heading", name="By grade")).to_be_visible()
    expect(card.get_by_test_id("reliability").locator("canvas").first).to_be_visible()

    card.get_by_role("link", name="Compare").click()
    expect(admin).to_have_url(f"{task}/models/{old}/{new}")  # the older first
    result = admin.get_by_test_id("comparison")
    expect(result.get_by_test_id("difference").first).to_contain_text(
        f"Model {second} minus model {first}", timeout=A_RUN
    )

    admin.goto(f"{task}/models/{old}")
    card.get_by_role("button", name="Roll back to this").click()
    admin.get_by_role("dialog").get_by_role("button", name="Roll back to this").click()
    expect(card.get_by_text("current", exact=True)).to_be_visible()
    admin.goto(f"{task}/models")
    expect(admin.get_by_test_id(f"model-{first}")).to_have_attribute("data-current", "true")
    back = admin.get_by_test_id("history").get_by_role("row").filter(has_text="rolled back to")
    expect(back.first).to_contain_text(f"Model {first}")
