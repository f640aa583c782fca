"""A case of each of the demo's three tasks as a radiologist reads it: by keyboard, the mouse for drawing alone."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import A_SCREEN_PIXEL, HALF_A_SCREEN_PIXEL, Pane
from tests.browser.reads import Known, Reading, field_of, key_of
from tests.browser.room import SAVED, mine, wait_for_picture
from tests.browser.truth import of_knees_mr, of_limbs
from tests.instance import Instance

FRACTURE, KL, TEARS = "Fracture (radiograph)", "Knee OA (KL grade)", "Knee tears (MR)"
# the case ahead was asked for after the one at hand
AHEAD = """() => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/next/')).length > 1"""
EVENTS = """
import json
from django.apps import apps
told = apps.get_model("annotation", "AnnotationEvent").objects
print(json.dumps(list(
    told.filter(pgh_obj_id={annotation}).order_by("pgh_id").values("state", "version", "answers")
)))
"""


@pytest.fixture(scope="module")
def limbs(instance: Instance) -> Known:
    return of_limbs(instance)


def history(instance: Instance, annotation: int) -> list[Known]:
    script = EVENTS.format(annotation=annotation)
    said = instance.manage("shell", "--no-imports", "-v0", "-c", script)
    found: list[Known] = json.loads(said.strip().splitlines()[-1])
    return found


def answered(answers: Known) -> Known:
    return {
        slot: answer["value"] for slot, answer in answers.items() if answer["state"] == "answered"
    }


def test_a_fracture_is_boxed_by_one_drag_and_described_by_keys(
    reader: Page, instance: Instance, limbs: Known
) -> None:
    room = Reading(reader, instance, FRACTURE)
    limb = room.read_until(limbs, lambda one: one["views"][0]["box"], lambda _: ["0"])
    asked = field_of(room.said()["form"]["fields"], "fractures")["attributes"]
    said = {
        "bone": limb["bone"],
        "segment": limb["segment"],
        "certainty": "definite",
        "displaced": "yes" if limb["displaced"] else "no",
        "acuity": "acute",
        "joint": "no",
    }
    x1, y1, x2, y2 = limb["views"][0]["box"]
    before = room.presses

    room.press("1")
    drawn = Pane(reader).draw((x2, y1), (x1, y2))
    room.press(*(key_of(field_of(asked, key), value) for key, value in said.items()))
    read = room.submit()

    assert room.presses - before == 1
    assert read["state"] == "submitted"
    found = answered(read["answers"])
    assert found.keys() == {"fracture", "fractures"}
    assert found["fracture"] == "present"
    [item] = found["fractures"]
    assert (item["image"], item["frame"]) == (limb["views"][0]["sop_instance_uid"], 1)
    assert item["attributes"] == said
    assert drawn.corners.off(item["box"]) <= HALF_A_SCREEN_PIXEL
    assert drawn.corners.off(limb["views"][0]["box"]) <= A_SCREEN_PIXEL  # where the break is


def test_a_knee_is_graded_with_two_of_its_features_and_no_mouse(
    reader: Page, instance: Instance
) -> None:
    room = Reading(reader, instance, KL)
    side = {"R": "RIGHT", "L": "LEFT"}[room.said()["case"]["laterality"]]
    expect(reader.get_by_test_id("side")).to_contain_text(side)
    room.press(*"kkkkkkkk")  # to the first question, whatever an earlier draft answered
    room.expect_asked("kl")

    room.press("3")
    room.expect_asked("jsn@medial")
    room.press("2")
    room.expect_asked("jsn@lateral")
    room.press("j", "j", "1")
    read = room.submit()

    assert room.presses == 0
    assert read["state"] == "submitted"
    assert answered(read["answers"]) == {"kl": 3, "jsn@medial": 2, "osteophyte@tibial_medial": 1}


def test_a_torn_meniscus_is_mapped_and_placed_on_its_slices(
    reader: Page, instance: Instance
) -> None:
    room = Reading(reader, instance, TEARS)
    knee = room.read_until(
        of_knees_mr(instance),
        lambda one: one["meniscus"],
        lambda one: ["3", "j", "j", "1", "1"] if one["acl"] else ["1", "1", "1"],
    )
    torn, place = knee["meniscus"], knee["meniscus_places"][0]
    fields = room.said()["form"]["fields"]

    room.press(*(["3", "j", "j"] if knee["acl"] else ["1"]))
    if torn == "lateral":
        room.press("1")
    room.expect_asked(f"meniscus@{torn}")
    room.press("3")
    room.expect_asked(f"zones@{torn}")
    room.press(key_of(field_of(fields, "zones"), knee["zone"]), "j")
    zone = reader.get_by_test_id(f"zone-zones@{torn}-{knee['zone']}")
    expect(zone).to_have_attribute("aria-checked", "true")
    room.press(key_of(field_of(fields, "tear_type"), knee["type"]))
    room.expect_asked(f"tear_boxes@{torn}")

    room.press("b")
    pane = room.to_pane(place["plane"])
    room.to_slice(pane, place["image"])
    x1, y1, x2, y2 = place["box"]
    box = pane.draw((x1, y1), (x2, y2))
    expect(room.question(f"zones@{torn}")).to_have_attribute("data-linked", "true")
    for key, image in (("<", place["first"]), (">", place["last"])):
        room.to_slice(pane, image)
        room.press(key)
    room.press("j")
    room.expect_asked(f"tear_points@{torn}")
    room.press("b")
    room.to_slice(pane, place["image"])
    point = pane.click(((x1 + x2) / 2, (y1 + y2) / 2))
    if torn == "medial":
        room.press("j", "1")
    read = room.submit()

    assert room.presses == 2
    found = answered(read["answers"])
    whole = {"medial": "lateral", "lateral": "medial"}[torn]
    assert found["acl"] == ("complete" if knee["acl"] else "intact")
    assert (found[f"meniscus@{torn}"], found[f"meniscus@{whole}"]) == ("tear", "intact")
    assert (found[f"zones@{torn}"], found[f"tear_type@{torn}"]) == ([knee["zone"]], knee["type"])
    [item] = found[f"tear_boxes@{torn}"]
    assert item["image"] == place["image"]
    assert [item["extent"][end]["image"] for end in ("first", "last")] == [
        place["first"],
        place["last"],
    ]
    assert box.off(item["box"]) <= HALF_A_SCREEN_PIXEL
    assert box.off(place["box"]) <= A_SCREEN_PIXEL
    [spot] = found[f"tear_points@{torn}"]
    assert spot["image"] == place["image"]
    assert point.off(spot["at"]) <= HALF_A_SCREEN_PIXEL


def test_a_box_and_what_was_said_of_it_are_amended_with_a_reason(
    reader: Page, instance: Instance
) -> None:
    room = Reading(reader, instance, FRACTURE)
    annotation, image = room.annotation, reader.evaluate("document.documentElement.dataset.painted")
    room.press("1")
    Pane(reader).draw((100, 120), (180, 230))
    room.press("4", "3", "1")
    first = room.submit()["answers"]

    reader.get_by_role("link", name="My reads").press("Enter")
    reader.get_by_test_id("read-row").first.get_by_role("link").press("Enter")
    wait_for_picture(reader, "")
    assert room.annotation == annotation
    room.press("e", "j", "j")  # the box; past bone and segment to the certainty
    room.press("2")
    expect(reader.get_by_test_id("save-status")).to_contain_text("not amended yet")
    room.press("Enter")
    expect(reader.get_by_test_id("amend-dialog")).to_be_visible()
    room.press("2")

    expect(reader.get_by_test_id("read-row").first).to_contain_text("amended")
    amended = mine(reader, annotation)["annotation"]
    assert amended["amend_reason"] == "Seen again, judged anew"
    [was], [now] = (text["fractures"]["value"] for text in (first, amended["answers"]))
    assert was["attributes"] == {"bone": "radius", "segment": "distal", "certainty": "definite"}
    assert now == was | {"attributes": was["attributes"] | {"certainty": "probable"}}
    assert now["image"] == image
    submitted = [one["answers"] for one in history(instance, annotation) if one["state"] != "draft"]
    assert submitted == [first, amended["answers"]]


def test_a_network_cut_in_the_middle_of_a_read_costs_nothing(
    reader: Page, instance: Instance
) -> None:
    room = Reading(reader, instance, FRACTURE)
    annotation, status = room.annotation, reader.get_by_test_id("save-status")
    pane = Pane(reader)
    reader.wait_for_function(AHEAD)
    room.press("1")
    first = pane.draw((90, 100), (170, 190))
    room.press("4")
    expect(status).to_contain_text(SAVED)

    reader.context.set_offline(True)
    room.press("b")
    second = pane.draw((120, 230), (200, 300))
    room.press("5", "3")
    expect(status).to_contain_text("not saved — kept here, retrying")
    room.press("Enter")
    expect(status).to_contain_text("1 read not sent")
    assert annotation != room.annotation
    assert [one["state"] for one in history(instance, annotation)][-1] == "draft"
    reader.context.set_offline(False)
    expect(status).to_contain_text(SAVED, timeout=15_000)

    read = mine(reader, annotation)["annotation"]
    items = read["answers"]["fractures"]["value"]
    assert [one["attributes"] for one in items] == [
        {"bone": "radius"},
        {"bone": "ulna", "segment": "distal"},
    ]
    for item, drawn in zip(items, (first, second), strict=True):
        assert drawn.off(item["box"]) <= HALF_A_SCREEN_PIXEL
    states = [one["state"] for one in history(instance, annotation)]
    assert states.count("submitted") == 1
