"""The way into the archive in a real browser: upload a mixed folder, read the report, black out a name, see the study."""

import re
import shutil
from collections.abc import Generator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, expect
from pydicom.uid import SecondaryCaptureImageStorage, generate_uid

from tests.browser.conftest import pages
from tests.factories.archive import make_file
from tests.instance import Instance, running

FILES = Path(__file__).parents[1] / "archive" / "files"
GOOD = ("MR_small_RLE.dcm", "JPEG2000.dcm", "693_J2KI.dcm")
BAD = ("MR_truncated.dcm", "rtplan.dcm")
SECONDS = 180_000  # the text detector loads its model first
NAME = (40, 30)  # where it is drawn: column, row
MORE = (200, 510, 400, 550)  # what is blacked out besides: left, top, right, bottom
ADA = ("ada", "correct horse battery")
MAKE_ADA = f"""
from accounts.models import User
User.objects.create_user({ADA[0]!r}, password={ADA[1]!r}, is_staff=True)
"""


@pytest.fixture
def archive() -> Generator[Instance]:
    """An empty installation: whatever waits in it came from this test."""
    with running("browser-archive", OSTEON_CHECK_TEXT="1") as started:
        started.manage("shell", "--no-imports", "-v0", "-c", MAKE_ADA)
        yield started


@pytest.fixture
def staff(browser: Browser, archive: Instance) -> Generator[Page]:
    yield from pages(browser, archive.origin, ADA)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images, two files that cannot be taken, and one whose pixels say who the patient is."""
    mixed = tmp_path / "mixed"
    (mixed / "deeper").mkdir(parents=True)
    for name in GOOD:
        shutil.copy(FILES / "taken" / name, mixed)
    for name in BAD:
        shutil.copy(FILES / "refused" / name, mixed / "deeper")
    (mixed / "capture.dcm").write_bytes(captured_screen())
    return mixed


def captured_screen() -> bytes:
    grey = np.tile(np.linspace(40, 200, 600).astype(np.uint8)[:, None], (1, 800))
    grey[560:, :200] = 0  # so that there is a black
    screen = Image.fromarray(grey)
    draw = ImageDraw.Draw(screen)
    draw.text(NAME, "MUELLER ANNA 04.03.1961", fill=255, font=ImageFont.load_default(size=32))
    return make_file(
        np.asarray(screen),
        SOPClassUID=SecondaryCaptureImageStorage,
        SOPInstanceUID=generate_uid(),
        StudyInstanceUID=generate_uid(),
        SeriesInstanceUID=generate_uid(),
        PatientID="captured",
        Modality="OT",
    )


def test_a_mixed_folder_is_uploaded_reported_and_its_burned_in_name_blacked_out(
    staff: Page, archive: Instance, folder: Path
) -> None:
    upload(staff, archive, folder)
    read_report(staff)

    staff.get_by_role("link", name="Look at 1 held image").click()
    draw(
        staff, (3840, 2160), MORE
    )  # where words are larger and a slip would black out the wrong place
    patient = black_out(staff)

    open_study(staff, patient)
    assert name_is_gone(staff)


def upload(page: Page, archive: Instance, folder: Path) -> None:
    page.goto(f"{archive.origin}/data")
    page.get_by_role("link", name="Upload").first.click()
    page.get_by_test_id("folder-input").set_input_files(folder)
    page.wait_for_url(re.compile(r"/data/uploads/\d+$"), timeout=SECONDS)


def read_report(page: Page) -> None:
    expect(page.get_by_test_id("report")).to_be_visible(timeout=SECONDS)
    for outcome, count in (("taken", len(GOOD)), ("already", 0), ("held", 1), ("refused", 2)):
        expect(page.get_by_test_id(f"count-{outcome}")).to_contain_text(str(count))
    refused = page.get_by_test_id("item")  # the report opens with what was refused
    expect(refused).to_have_count(len(BAD))
    expect(refused.filter(has_text="deeper/MR_truncated.dcm")).to_contain_text("cut off")
    expect(refused.filter(has_text="deeper/rtplan.dcm")).to_contain_text("no image")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download report").click()
    table = Path(download.value.path()).read_text("utf-8-sig")
    assert table.count("\n") == 1 + len(GOOD) + len(BAD) + 1
    assert all(name in table for name in (*GOOD, *BAD, "capture.dcm"))


def draw(page: Page, screen: tuple[int, int], box: tuple[int, int, int, int]) -> None:
    """Draw a box by hand on a screen of that size; it stands where the hand was."""
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    expect(page.get_by_test_id("box").first).to_be_visible()
    before = page.get_by_test_id("box").count()
    on = page.get_by_test_id("stage").locator("image").bounding_box()
    assert on is not None
    left, top, right, bottom = box
    corners = [
        (on["x"] + x / 800 * on["width"], on["y"] + y / 600 * on["height"])
        for x, y in ((left, top), (right, bottom))
    ]
    page.mouse.move(*corners[0])
    page.mouse.down()
    page.mouse.move(*corners[1], steps=4)
    page.mouse.up()
    boxes = page.get_by_test_id("box")
    expect(boxes).to_have_count(before + 1)
    drawn = boxes.last.locator("rect").last
    found = [float(drawn.get_attribute(name) or "nan") for name in ("x", "y", "width", "height")]
    assert found == pytest.approx([left, top, right - left, bottom - top], abs=2)


def black_out(page: Page) -> str:
    """Looks at the held image, blacks out what was found, and returns the patient's pseudonym."""
    expect(page.get_by_test_id("box").first).to_be_visible()
    heading = page.get_by_test_id("stage").get_attribute("aria-label") or ""
    [patient] = re.findall(r"P-\d+", heading)
    page.keyboard.press("m")
    expect(page.get_by_text("Nothing waits for a look")).to_be_visible(timeout=SECONDS)
    return str(patient)


def open_study(page: Page, patient: str) -> None:
    page.get_by_role("link", name="To the studies").click()
    page.get_by_label("Patient, description or body part").fill(patient)
    expect(page.get_by_test_id("study")).to_have_count(1)
    page.get_by_role("link", name=patient).click()
    page.get_by_role("button", name="Show image 1 of 1 large").click()
    painted = page.get_by_test_id("large-image").and_(page.locator("[data-painted]"))
    expect(painted).to_be_visible(timeout=60_000)


def name_is_gone(page: Page) -> bool:
    """Whether the place of the name is black in the picture that anybody may see, and the rest is as it was."""
    thumbnail = page.get_by_test_id("series").locator("img").first
    picture = page.request.get(thumbnail.evaluate("image => image.src")).body()
    pixels = np.asarray(Image.open(BytesIO(picture)).convert("L").resize((800, 600)))
    x, y = NAME
    left, top, right, bottom = MORE
    black = (
        pixels[y + 12 : y + 28, x + 20 : x + 200],
        pixels[top + 6 : bottom - 6, left + 6 : right - 6],
    )
    return bool(max(part.max() for part in black) < 24 and pixels[300:500].min() > 48)
