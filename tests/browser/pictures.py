"""The pictures of docs/reading.md, taken from the demo: `python -m tests.browser.pictures`."""

import io
import json
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from config.demo_accounts import READER
from tests.browser import chromium
from tests.browser.room import wait_for_picture
from tests.instance import ROOT, Instance, running

FOLDER = ROOT / "docs" / "pictures"
WIDE = 1200
MOST_BYTES = 95_000  # three of them stay under 300 kB
SIZE = ("--cases", "24", "--large", "0", "--reads", "12", "--fractures", "10", "--mr", "3")
# By the UID that the page says of either image: the study, and the break in its frontal view.
BREAKS = """
import json, pydicom
from django.conf import settings
from archive.deidentify import archived_uid
from phantoms.limbs.cohort import read_truth
folder = settings.DATA / "phantom-fractures"
found = {}
for limb in read_truth(folder):
    frontal = limb.views[0]
    image = pydicom.dcmread(folder / frontal.file, stop_before_pixels=True)
    for view in limb.views:
        found[archived_uid(view.sop_instance_uid)] = {
            "study": limb.study_instance_uid, "displaced": limb.displaced,
            "box": frontal.box, "rows": image.Rows, "columns": image.Columns,
        }
print(json.dumps(found))
"""
TASK_ID = """async name => {
  const answer = await (await fetch('/api/tasks/')).json()
  return (answer.results ?? answer).find(task => task.name === name).id
}"""
PAINTED = "document.documentElement.dataset.painted"


def main() -> None:
    with running("pictures") as instance, chromium.browser() as browser:
        instance.manage("demo", *SIZE)
        page = chromium.context(browser).new_page()
        chromium.sign_in(page, instance.origin, READER)
        enter(page, instance, "Knee OA (KL grade)")
        page.keyboard.press("2")
        keep(page, "knee")
        enter(page, instance, "Fracture (radiograph)")
        draw_a_break(page, instance)
        keep(page, "fracture")
        enter(page, instance, "Knee tears (MR)")
        page.keyboard.press("1")
        page.keyboard.press("3")
        for _ in range(3):
            page.keyboard.press("ArrowDown")
        keep(page, "tears")


def enter(page: Page, instance: Instance, task: str) -> None:
    page.goto(instance.origin)
    page.get_by_text(task).first.wait_for()
    page.goto(f"{instance.origin}/read/{page.evaluate(TASK_ID, task)}")
    wait_for_picture(page, "")


def draw_a_break(page: Page, instance: Instance) -> None:
    """Goes on to a displaced fracture and puts a box round it, as a reader would."""
    breaks = json.loads(instance.manage("shell", "--no-imports", "-v0", "-c", BREAKS))
    known = of_image(breaks, wait_for_picture(page, ""))
    while not known["displaced"]:
        page.keyboard.press("0")
        page.keyboard.press("Enter")
        known = next_study(page, breaks, known["study"])
    page.keyboard.press("1")
    page.wait_for_timeout(1000)  # the views take their places
    area = page.get_by_test_id("viewport").bounding_box()
    assert area is not None
    wide, high = (
        area["width"] / 2,
        area["height"],
    )  # the left one of two panes, the image as large as fits
    scale = min(wide / known["columns"], high / known["rows"])
    left = area["x"] + (wide - scale * known["columns"]) / 2
    top = area["y"] + (high - scale * known["rows"]) / 2
    x1, y1, x2, y2 = (value * scale for value in known["box"])
    page.mouse.move(left + x1, top + y1)
    page.mouse.down()
    page.mouse.move(left + x2, top + y2, steps=8)
    page.mouse.up()


def of_image(breaks: dict[str, Any], uid: str) -> dict[str, Any]:
    """What is known of an image; a knee, which the task takes as well, is not broken."""
    known: dict[str, Any] = breaks.get(uid, {"study": uid, "displaced": False})
    return known


def next_study(page: Page, breaks: dict[str, Any], before: str) -> dict[str, Any]:
    """Waits until an image of another study is painted, and says what is known of it."""
    for _ in range(600):
        known = of_image(breaks, page.evaluate(PAINTED))
        if known["study"] != before:
            return known
        page.wait_for_timeout(100)
    raise AssertionError("No other case appeared in a minute.")


def keep(page: Page, name: str) -> None:
    page.wait_for_timeout(1500)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = shot.resize((WIDE, round(shot.height * WIDE / shot.width)), Image.Resampling.LANCZOS)
    FOLDER.mkdir(parents=True, exist_ok=True)
    path: Path = FOLDER / f"{name}.webp"
    for quality in range(82, 20, -6):
        small.save(path, quality=quality, method=6)
        if path.stat().st_size <= MOST_BYTES:
            break
    print(path.relative_to(ROOT), path.stat().st_size)


if __name__ == "__main__":
    main()
