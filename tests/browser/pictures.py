"""The pictures of docs/reading.md, taken from the demo's phantoms: `python -m tests.browser.pictures`."""

import io

from PIL import Image
from playwright.sync_api import Page, expect

from config.demo_accounts import READER
from tests.browser import chromium
from tests.browser.hands import Pane
from tests.browser.reads import Reading, field_of, key_of
from tests.browser.room import SAVED
from tests.browser.truth import of_knees, of_knees_mr, of_limbs
from tests.instance import ROOT, Instance, running

FOLDER = ROOT / "docs" / "pictures"
WIDE = 1200
MOST_BYTES = 95_000  # three of them stay under 300 kB
SIZE = ("--cases", "24", "--large", "0", "--reads", "12", "--fractures", "12", "--mr", "6")
KL, FRACTURE, TEARS = "Knee OA (KL grade)", "Fracture (radiograph)", "Knee tears (MR)"
PAINTED = "document.documentElement.dataset.painted"
MARGIN = 12.0  # pixels that a reader leaves round a finding


def main() -> None:
    with running("pictures") as instance, chromium.browser() as browser:
        instance.manage("demo", *SIZE)
        page = chromium.context(browser).new_page()
        chromium.sign_in(page, instance.origin, READER)
        grade_a_knee(page, instance)
        keep(page, "knee")
        box_a_break(page, instance)
        keep(page, "fracture")
        map_a_tear(page, instance)
        keep(page, "tears")


def grade_a_knee(page: Page, instance: Instance) -> None:
    room = Reading(page, instance, KL)
    room.press(of_knees(instance)[page.evaluate(PAINTED)])


def box_a_break(page: Page, instance: Instance) -> None:
    room = Reading(page, instance, FRACTURE)
    limb = room.read_until(
        of_limbs(instance), lambda one: one["displaced"] and one["views"][0]["box"], lambda _: ["0"]
    )
    asked = field_of(room.said()["form"]["fields"], "fractures")["attributes"]
    room.press("1")
    x1, y1, x2, y2 = limb["views"][0]["box"]
    Pane(page).draw((x1 - MARGIN, y1 - MARGIN), (x2 + MARGIN, y2 + MARGIN))
    said = {"bone": limb["bone"], "segment": limb["segment"], "certainty": "definite"}
    room.press(*(key_of(field_of(asked, key), value) for key, value in said.items()))


def map_a_tear(page: Page, instance: Instance) -> None:
    room = Reading(page, instance, TEARS)
    knee = room.read_until(
        of_knees_mr(instance),
        lambda one: one["meniscus"] == "medial" and not one["acl"],
        lambda _: ["1", "1", "1"],
    )
    fields, place = room.said()["form"]["fields"], knee["meniscus_places"][0]
    room.press("1", "3", key_of(field_of(fields, "zones"), knee["zone"]), "j")
    room.press(key_of(field_of(fields, "tear_type"), knee["type"]), "b")
    pane = room.to_pane(place["plane"])
    room.to_slice(pane, place["image"])
    x1, y1, x2, y2 = place["box"]
    pane.draw((x1 - MARGIN, y1 - MARGIN), (x2 + MARGIN, y2 + MARGIN))
    room.press("k", "k")  # back to the map


def keep(page: Page, name: str) -> None:
    expect(page.get_by_test_id("save-status")).to_contain_text(SAVED)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = shot.resize((WIDE, round(shot.height * WIDE / shot.width)), Image.Resampling.LANCZOS)
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.webp"
    for quality in range(82, 20, -6):
        small.save(path, quality=quality, method=6)
        if path.stat().st_size <= MOST_BYTES:
            break
    print(path.relative_to(ROOT), path.stat().st_size)


if __name__ == "__main__":
    main()
