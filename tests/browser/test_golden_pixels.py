"""What the screen shows at one pixel a pixel is what pydicom makes of the file, within rounding."""

import hashlib
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Browser, Page
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import generate_uid

from tests.browser.conftest import pages
from tests.browser.golden import difference
from tests.browser.room import wait_for_picture
from tests.factories.dicom import make_file
from tests.instance import Instance, running

OURS = Path(__file__).parents[1] / "archive" / "files" / "taken"
# colours of 16 bits, which the page's library cuts off; and three pixels, which no zoom makes so small
LEFT_OUT = {"SC_rgb_rle_16bit_2frame.dcm", "SC_rgb_small_odd_big_endian.dcm"}
ANN = ("ann", "correct horse battery")
MAKE_ANN = f"""
from accounts.models import User
User.objects.create_user({ANN[0]!r}, password={ANN[1]!r}, is_staff=True)
"""
# a case of each image, whatever it shows: the case rule would take knees alone
MAKE_CASES = """
import json
from annotation import tasks
from annotation.models import Case, CaseSeries, Task
from archive.models import Instance
task = tasks.create_task("fracture-radiograph", f"Golden {Task.objects.count()}")
for image in Instance.objects.select_related("series__study__patient").order_by("pk"):
    patient, number = image.series.study.patient, str(image.pk)
    case = Case.objects.create(task=task, patient=patient, key=number, name=number)
    CaseSeries.objects.create(case=case, series=image.series, position=0, images=[image.pk])
found = dict(Instance.objects.values_list("sop_instance_uid", "source_hash"))
print(json.dumps({"task": task.pk, "sources": found}))
"""


ONE_TO_ONE = """
() => {
  const [a, , , d, e, f] = document.querySelector('[data-testid="pane"]').dataset.affine.split(' ').map(Number)
  return [a - 1, d - 1, e - Math.round(e), f - Math.round(f)].every(rest => Math.abs(rest) < 0.001)
}
"""


@pytest.fixture(scope="module")
def archive() -> Generator[Instance]:
    with running("browser-golden") as started:
        started.manage("shell", "--no-imports", "-v0", "-c", MAKE_ANN)
        yield started


@pytest.fixture
def ann(browser: Browser, archive: Instance) -> Generator[Page]:
    yield from pages(browser, archive.origin, ANN)


def lut_item() -> Dataset:
    item = Dataset()
    entries = (np.linspace(0, 1, 4096) ** 2 * 4095).astype(np.uint16)
    item.LUTDescriptor, item.LUTExplanation = [4096, 0, 12], "squared"
    item.LUTData = entries.tobytes()
    item["LUTData"].VR = "OW"
    return item


def density_item(first: int = 0) -> Dataset:
    """A film's optical density in thousandths, which rises as the light that came through falls: 0 to 3612."""
    item = Dataset()
    light = np.arange(1, 4097) / 4096
    item.LUTDescriptor, item.ModalityLUTType = [4096, first, 16], "OD"
    item.LUTData = np.round(-1000 * np.log10(light)).astype(np.uint16).tobytes()
    item["LUTData"].VR = "OW"
    return item


def ramp(dtype: Any, low: int, high: int) -> Any:
    """Every value that matters, side by side and in noise."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(low, high, (300, 256), endpoint=True).astype(dtype)
    pixels[:100] = np.linspace(low, high, 256).astype(dtype)
    return pixels


MADE: dict[str, dict[str, Any]] = {
    "monochrome1": {
        "pixels": ramp(np.uint16, 0, 4095),
        "PhotometricInterpretation": "MONOCHROME1",
        "BitsStored": 12,
        "HighBit": 11,
        "WindowCenter": 1800,
        "WindowWidth": 2500,
    },
    "voi-lut": {
        "pixels": ramp(np.uint16, 0, 4095),
        "BitsStored": 12,
        "HighBit": 11,
        "VOILUTSequence": Sequence([lut_item()]),
    },
    "voi-lut-monochrome1": {
        "pixels": ramp(np.uint16, 0, 4095),
        "PhotometricInterpretation": "MONOCHROME1",
        "BitsStored": 12,
        "HighBit": 11,
        "VOILUTSequence": Sequence([lut_item()]),
    },
    "modality-lut": {
        "pixels": ramp(np.uint16, 0, 4095),
        "BitsStored": 12,
        "HighBit": 11,
        "ModalityLUTSequence": Sequence([density_item()]),
        "WindowCenter": 900,
        "WindowWidth": 1200,
    },
    "modality-lut-automatic": {
        "pixels": ramp(np.uint16, 0, 4095),
        "PhotometricInterpretation": "MONOCHROME1",
        "BitsStored": 12,
        "HighBit": 11,
        "ModalityLUTSequence": Sequence([density_item()]),
    },
    "modality-lut-and-voi-lut": {
        "pixels": ramp(np.int16, -2048, 2047),
        "BitsStored": 12,
        "HighBit": 11,
        "ModalityLUTSequence": Sequence([density_item(first=-2048)]),
        "VOILUTSequence": Sequence([lut_item()]),
    },
    "sigmoid": {
        "pixels": ramp(np.uint16, 0, 65535),
        "WindowCenter": 30000,
        "WindowWidth": 20000,
        "VOILUTFunction": "SIGMOID",
    },
    "linear-exact": {
        "pixels": ramp(np.uint16, 0, 1023),
        "BitsStored": 10,
        "HighBit": 9,
        "WindowCenter": 500,
        "WindowWidth": 300,
        "VOILUTFunction": "LINEAR_EXACT",
    },
    "signed-12": {
        "pixels": ramp(np.int16, -2048, 2047),
        "BitsStored": 12,
        "HighBit": 11,
        "RescaleSlope": 2,
        "RescaleIntercept": -500,
        "WindowCenter": 40,
        "WindowWidth": 3000,
    },
    "signed-16": {
        "pixels": ramp(np.int16, -32768, 32767),
        "WindowCenter": -100,
        "WindowWidth": 50001,
    },
    "narrow": {
        "pixels": ramp(np.uint16, 0, 65535),
        "WindowCenter": 30000,
        "WindowWidth": 60,
    },
    "fractional-slope": {
        "pixels": ramp(np.uint16, 0, 65535),
        "RescaleSlope": 0.0123,
        "RescaleIntercept": -7.5,
        "WindowCenter": 300,
        "WindowWidth": 500,
    },
}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for name, elements in MADE.items():
        (folder / f"{name}.dcm").write_bytes(make_file(**elements, BodyPartExamined="SKULL"))
    return folder


def differences(page: Page, archive: Instance, paths: list[Path]) -> dict[str, float]:
    """Each file shown once, at one to one: by its name, how far the screen is off."""
    said = archive.manage("shell", "--no-imports", "-v0", "-c", MAKE_CASES)
    cases = json.loads(said.splitlines()[-1])
    by_hash = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in paths}
    wanted = {uid: by_hash[h] for uid, h in cases["sources"].items() if h in by_hash}
    found: dict[str, float] = {}
    page.goto(f"{archive.origin}/read/{cases['task']}")
    uid = wait_for_picture(page, "")
    for _ in cases["sources"]:
        if uid in wanted:
            page.keyboard.press("o")
            page.wait_for_function(ONE_TO_ONE)
            found[wanted[uid].name] = difference(page, wanted[uid])
        if len(found) == len(wanted):
            break
        page.keyboard.press("0")
        page.keyboard.press("Enter")
        uid = wait_for_picture(page, uid)
    return found


def test_the_screen_shows_what_pydicom_computes(ann: Page, archive: Instance, made: Path) -> None:
    archive.manage("ingest", str(made))
    paths = sorted(made.glob("*.dcm"))

    found = differences(ann, archive, paths)

    print(found)
    assert found.keys() == {path.name for path in paths}
    assert {name: step for name, step in found.items() if step > 1} == {}


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # some break rules on purpose
def test_every_transfer_syntax_is_shown_as_pydicom_decodes_it(
    ann: Page, archive: Instance, tmp_path: Path
) -> None:
    for path in OURS.glob("*.dcm"):
        if path.name not in LEFT_OUT:
            renamed(path, tmp_path / path.name)
    archive.manage("ingest", str(tmp_path))
    paths = sorted(tmp_path.glob("*.dcm"))

    found = differences(ann, archive, paths)

    print(found)
    assert found.keys() == {path.name for path in paths}
    assert {name: step for name, step in found.items() if step > 1} == {}


def renamed(path: Path, to: Path) -> None:
    """A copy under UIDs of its own: several of these files are one image in several transfer syntaxes."""
    dataset = pydicom.dcmread(path)
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.save_as(to)
