"""An image with a bright rectangle at a known place, and where the screen itself shows it: no word of the page's is taken."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom.uid import generate_uid

from tests.browser.hands import Pane, Point, Touch
from tests.factories.dicom import make_file

COLUMNS, ROWS = 200, 150
LEFT, TOP, RIGHT, BOTTOM = 70, 40, 140, 100  # of the rectangle, in pixels from the outer corner
DARK, BRIGHT, BETWEEN = 200, 4000, 127.5  # in the file, and half of both on the screen
ROW_MM, COLUMN_MM = 0.30, 0.15  # twice as high as wide


def write_image(folder: Path, number: int) -> None:
    pixels = np.full((ROWS, COLUMNS), DARK, np.uint16)
    pixels[TOP:BOTTOM, LEFT:RIGHT] = BRIGHT
    pixels[0, 0] = number  # no two files alike
    made = make_file(
        pixels,
        PatientID=f"planted-{number}",
        BodyPartExamined="SKULL",  # no task of the demo asks for it
        SOPInstanceUID=generate_uid(),
        StudyInstanceUID=generate_uid(),
        SeriesInstanceUID=generate_uid(),
        PixelSpacing=[ROW_MM, COLUMN_MM],
        WindowCenter=2100,
        WindowWidth=4200,
    )
    (folder / f"planted-{number}.dcm").write_bytes(made)


class Seen:
    """The rectangle on the page as a screenshot shows it: its edges to a fraction of a screen pixel."""

    def __init__(self, pane: Pane, turned: bool) -> None:
        box = pane.root.bounding_box()
        assert box
        shot = Image.open(io.BytesIO(pane.root.screenshot())).convert("L")
        grey = np.asarray(shot, np.float64)
        row, column = (int(np.median(where)) for where in np.nonzero(grey > BETWEEN))
        low_x, high_x = _edges(grey[row], column)
        low_y, high_y = _edges(grey[:, column], row)
        self.low = np.array([box["x"] + low_x, box["y"] + low_y])
        self.high = np.array([box["x"] + high_x, box["y"] + high_y])
        self.turned = turned

    def place(self, across: float, down: float) -> Point:
        """The whole screen pixel at these shares of the rectangle's width and height on the page."""
        x, y = np.round(self.low + np.array([across, down]) * (self.high - self.low))
        return float(x), float(y)

    def touch(self, places: list[Point]) -> Touch:
        """The points of the image under places of the page. Turned, its top lies to the right."""
        shares = (np.array(places) - self.low) / (self.high - self.low)
        if self.turned:
            shares = np.stack([shares[:, 1], 1 - shares[:, 0]], axis=1)
        size = np.array([RIGHT - LEFT, BOTTOM - TOP])
        points = np.array([LEFT, TOP]) + shares * size
        scale = (self.high - self.low)[:: -1 if self.turned else 1] / size
        return Touch([(float(x), float(y)) for x, y in points], np.diag(scale))


def _edges(line: npt.NDArray[np.float64], inside: int) -> tuple[float, float]:
    """Where a line of screen pixels becomes dark on either side of a bright one."""
    low = inside - int(np.argmax(line[inside::-1] < BETWEEN))
    high = inside + int(np.argmax(line[inside:] < BETWEEN))

    def crossing(dark: int, bright: int) -> float:
        share = (BETWEEN - line[dark]) / (line[bright] - line[dark])
        return float(dark + 0.5 + share * (bright - dark))

    return crossing(low, low + 1), crossing(high, high - 1)
