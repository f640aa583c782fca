"""Where the model looked: shown when the reader asks for it, and hidden with all that the model says."""

import io
import json

import numpy as np
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.room import open_reading_room, wait_for_picture
from tests.browser.test_loop import read_until_a_proposal
from tests.instance import ROOT, Instance

# the share of the overlay that is not see-through
COVERED = """() => {
  const canvas = [...document.querySelectorAll('[data-testid=viewport] canvas')].at(-1)
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return data.filter((_, at) => at % 4 === 3).filter(alpha => alpha > 0).length / (data.length / 4)
}"""


def picture() -> bytes:
    """A grey picture, bright in its right half."""
    grey = np.zeros((8, 8), np.uint8)
    grey[:, 4:] = 255
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


def looked(route: Route) -> None:
    """The server's answer as that of a model which says where it looked."""
    answer = route.fetch()
    case = answer.json()
    image = case["case"]["images"][0]["sop_instance_uid"]
    said = {"kind": "grade", "value": 2, "probabilities": [0.05, 0.2, 0.6, 0.1, 0.05]}
    case["prediction"] = {
        "model": {"id": 1, "number": 3},
        "slots": {"kl": said},
        "heatmaps": {"kl": {"image": image, "frame": 1, "url": "/heat.png"}},
    }
    route.fulfill(response=answer, body=json.dumps(case))


def test_one_key_shows_where_the_model_looked_and_one_hides_it_with_the_model(
    reader: Page, instance: Instance
) -> None:
    reader.route("**/next/", looked)
    reader.route(
        "**/heat.png", lambda route: route.fulfill(body=picture(), content_type="image/png")
    )
    open_reading_room(reader, instance.origin)
    legend = reader.get_by_test_id("heat-legend")
    expect(legend).to_have_count(0)

    reader.keyboard.press("v")
    expect(legend).to_contain_text("Where model 3 looked for “Kellgren-Lawrence grade”")
    reader.wait_for_function(f"() => ({COVERED})() > 0.1")
    assert reader.evaluate(COVERED) < 0.5

    reader.keyboard.press("h")
    expect(legend).to_have_count(0)
    assert reader.evaluate(COVERED) == 0
    reader.keyboard.press("h")
    expect(legend).to_be_visible()

    shown = reader.evaluate("document.documentElement.dataset.painted")
    reader.keyboard.press("2")
    reader.keyboard.press("Enter")
    wait_for_picture(reader, shown)
    expect(legend).to_have_count(0)


def hidden(route: Route) -> None:
    """As of a case that came to hand before anything was predicted of it."""
    answer = route.fetch()
    case = answer.json() if answer.status == 200 else None
    if case:
        case["prediction"] = None
        route.fulfill(response=answer, body=json.dumps(case))
    else:
        route.fulfill(response=answer)


PREPARE = """
from annotation.models import Task
from inference.models import Showing
Task.objects.filter(pk=1).update(unassisted_share=0.0)
Showing.objects.filter(annotation__version=0).delete()
"""


def test_a_prediction_that_comes_while_a_case_is_read_is_offered_with_its_map(
    reader: Page, instance: Instance
) -> None:
    instance.manage("retrain", "1")
    instance.manage("preannotate", "1")
    instance.manage("shell", "--no-imports", "-v0", "-c", PREPARE)
    reader.route("**/next/", hidden)
    open_reading_room(reader, instance.origin)
    read_until_a_proposal(reader)

    reader.keyboard.press("v")
    expect(reader.get_by_test_id("heat-legend")).to_contain_text("Kellgren-Lawrence grade")
    reader.wait_for_function(f"() => ({COVERED})() > 0.02")
    assert reader.evaluate(COVERED) < 0.6
    reader.screenshot(path=ROOT / "build" / "heat.png")
