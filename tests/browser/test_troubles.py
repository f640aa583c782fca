"""The reading room when something between the archive and the screen fails once: the image comes all the same."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.room import enter_reading_room, open_reading_room, wait_for_picture
from tests.instance import Instance

Answer = Callable[[Route], None]


def first_only(trouble: Answer, times: int = 1) -> Answer:
    left = times

    def answer(route: Route) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            trouble(route)
        else:
            route.continue_()

    return answer


def busy(route: Route) -> None:
    route.fulfill(status=503, json={"detail": "The database is restarting."})


def swallowed(route: Route) -> None:
    """Neither an answer nor an end, as a lost connection gives."""


def test_a_case_that_the_server_could_not_give_comes_when_it_can(
    reader: Page, instance: Instance
) -> None:
    reader.route("**/api/tasks/*/next/", first_only(busy, times=2))
    enter_reading_room(reader, instance.origin)
    expect(reader.get_by_text("The database is restarting.")).to_be_visible()
    wait_for_picture(reader, "")


@pytest.mark.parametrize("address", ["**/frames/1", "**/*decodeImageFrameWorker*"])
def test_what_never_answers_is_asked_once_more(
    reader: Page, instance: Instance, address: str
) -> None:
    # of the decoders there are two
    reader.route(address, first_only(swallowed, times=2 if "Worker" in address else 1))
    open_reading_room(reader, instance.origin)


COUNT_CONTEXTS = """
const contexts = []
const getContext = HTMLCanvasElement.prototype.getContext
HTMLCanvasElement.prototype.getContext = function (...of) {
  const context = getContext.apply(this, of)
  if (context && String(of[0]).startsWith('webgl') && !contexts.includes(context)) contexts.push(context)
  return context
}
window.loseGraphics = () => {
  for (const context of contexts) context.getExtension('WEBGL_lose_context')?.loseContext()
}
"""


def test_graphics_that_were_lost_are_made_anew(reader: Page, instance: Instance) -> None:
    reader.add_init_script(COUNT_CONTEXTS)
    open_reading_room(reader, instance.origin)

    reader.evaluate("loseGraphics()")
    reader.get_by_test_id("pixels-failed").get_by_role("button", name="Try again").click()

    wait_for_picture(reader, "")
    expect(reader.get_by_test_id("pixels-failed")).to_have_count(0)
    assert reader.evaluate(BRIGHTEST) > 50  # of a knee; lost graphics draw nothing


BRIGHTEST = """() => {
  const canvas = document.querySelector('[data-testid=viewport] canvas')
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  let highest = 0
  for (let at = 0; at < data.length; at += 4) highest = Math.max(highest, data[at])
  return highest
}"""
