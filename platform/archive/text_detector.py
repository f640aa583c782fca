"""Finds text that is burned into a picture: where it stands, and what it says only of markers of side and view.

The two models (PP-OCRv4: where text stands, and what it says) come with the package rapidocr-onnxruntime, and
onnxruntime runs them here directly: the package's own code imports opencv, which does not load on a server without
libGL and libglib, and what it does around the models is little.
"""

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures

Grey8 = npt.NDArray[np.uint8]
Box = list[int]  # x, y, width, height in pixels of the picture

PACKAGE = "rapidocr_onnxruntime"
DETECTOR, READER = "ch_PP-OCRv4_det_infer.onnx", "ch_PP-OCRv4_rec_infer.onnx"
THREADS = 1

LONGEST_SIDE = (
    736  # of the picture that the detector sees: above it, its time grows and its finds do not
)
MOST_ENLARGED = 2.0
STEP = 32  # the sides must be multiples of it
IS_TEXT, MEAN_IS_TEXT = 0.3, 0.5
SMALLEST = 3  # pixels of the detector's map
GROWN = 1.6  # the map shows text shrunk; a box grows by this share of its area over its perimeter

LINE_HEIGHT, LONGEST_LINE = 48, 480  # of a crop as the reader sees it
READ_AT_MOST = 6  # boxes; more are no markers
SURE = 0.6  # mean confidence below which a crop is bone or noise rather than writing

# what technologists put beside a limb; it names nobody
MARKERS = frozenset(
    [
        "R",
        "L",
        "RT",
        "LT",
        "RE",
        "LI",
        "RIGHT",
        "LEFT",
        "RECHTS",
        "LINKS",
        "AP",
        "PA",
        "LAT",
        "LATERAL",
        "MED",
        "MEDIAL",
        "OBL",
        "OBLIQUE",
        "AX",
        "WB",
        "NWB",
        "STANDING",
        "ERECT",
        "UPRIGHT",
        "SUPINE",
        "PRONE",
        "SITTING",
        "STEHEND",
        "LIEGEND",
        "WEIGHTBEARING",
        "WEIGHT",
        "BEARING",
        "PORTABLE",
        "FLEX",
        "FLEXION",
        "EXT",
        "EXTENSION",
        "SKYLINE",
        "SUNRISE",
        "TUNNEL",
        "FROG",
        "UP",
        "DOWN",
        "H",
        "A",
        "P",
        "F",
        "I",
        "S",
        "INT",
        "EXTERNAL",
        "INTERNAL",
        "CM",
        "MM",
    ]
)


class NoDetector(Exception):
    """The models are not installed; the text is a sentence."""


class Writing(NamedTuple):
    """What stands in a picture."""

    boxes: list[Box]  # of text that may name somebody, from the top
    markers: list[str]  # of side and view: words of MARKERS


def find_text(grey8: Grey8) -> Writing:
    """Takes about 0.1 s of one core. Raises NoDetector."""
    boxes = _boxes(_text_map(grey8), grey8.shape)
    if len(boxes) > READ_AT_MOST:
        return Writing(boxes, [])
    writing = Writing([], [])
    for box in boxes:
        text, confidence = _read(_crop(grey8, box))
        letters = "".join(filter(str.isalnum, text.upper()))
        if confidence < SURE:
            continue
        if letters in MARKERS:
            writing.markers.append(letters)
        elif len(letters) > 1:
            writing.boxes.append(box)
    return writing


def _text_map(grey8: Grey8) -> npt.NDArray[np.float32]:
    """How likely each place is text; smaller than the picture."""
    height, width = grey8.shape
    scale = min(LONGEST_SIDE / max(height, width), MOST_ENLARGED)
    size = [max(STEP, round(side * scale / STEP) * STEP) for side in (width, height)]
    found = _run(DETECTOR, _resized(grey8, size[0], size[1]))
    return cast(npt.NDArray[np.float32], found[0, 0])


def _boxes(likely: npt.NDArray[np.float32], shape: tuple[int, ...]) -> list[Box]:
    from scipy import ndimage  # noqa: PLC0415 -- 30 MB in each process of a worker, for one that searches

    labels, _ = ndimage.label(likely > IS_TEXT, structure=np.ones((3, 3)))
    across, down = shape[1] / likely.shape[1], shape[0] / likely.shape[0]
    boxes = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        inside = labels[rows, columns] == number
        if min(height, width) < SMALLEST or likely[rows, columns][inside].mean() < MEAN_IS_TEXT:
            continue
        grow = GROWN * height * width / (2 * (height + width))
        left, top = max(0.0, columns.start - grow) * across, max(0.0, rows.start - grow) * down
        right = min(likely.shape[1], columns.stop + grow) * across
        bottom = min(likely.shape[0], rows.stop + grow) * down
        x, y = int(left), int(top)
        boxes.append([x, y, max(1, round(right) - x), max(1, round(bottom) - y)])
    return boxes


def _crop(grey8: Grey8, box: Box) -> Grey8:
    x, y, width, height = box
    return grey8[y : y + height, x : x + width]


def _read(crop: Grey8) -> tuple[str, float]:
    """The text of a crop, and the mean confidence of its letters (CTC: the best of each step, repeats joined)."""
    height, width = crop.shape
    wide = min(LONGEST_LINE, max(LINE_HEIGHT, round(width * LINE_HEIGHT / height)))
    steps = _run(READER, _resized(crop, wide, LINE_HEIGHT))[0]
    best, sure = steps.argmax(axis=1), steps.max(axis=1)
    new = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
    letters = _letters()
    text = "".join(letters[index - 1] for index in best[new])
    return text, float(sure[new].mean()) if new.any() else 0.0


def _resized(grey8: Grey8, width: int, height: int) -> npt.NDArray[np.float32]:
    """(1, 3, height, width) between -1 and 1, as both models were trained."""
    small = Pictures.fromarray(grey8).resize((width, height), Pictures.Resampling.BILINEAR)
    values = np.asarray(small, np.float32) / 127.5 - 1
    return np.ascontiguousarray(np.broadcast_to(values, (1, 3, height, width)))


def _run(model: str, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    session = _session(model)
    return cast(
        npt.NDArray[np.float32], session.run(None, {session.get_inputs()[0].name: values})[0]
    )


@cache
def _letters() -> list[str]:
    """What the reader's classes mean; the class before the first is "nothing", the one behind the last a space."""
    return [
        *_session(READER).get_modelmeta().custom_metadata_map["character"].splitlines(),
        " ",
    ]


@cache
def _session(model: str) -> Any:
    import onnxruntime  # noqa: PLC0415 -- 100 MB: only where pictures are searched

    spec = find_spec(PACKAGE)
    path = (
        Path(spec.submodule_search_locations[0]) / "models" / model
        if spec and spec.submodule_search_locations
        else None
    )
    if path is None or not path.exists():
        raise NoDetector(
            "The text detector's models are missing; install rapidocr-onnxruntime 1.4.4, or set OSTEON_CHECK_TEXT=0."
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        os.fspath(path), options, providers=["CPUExecutionProvider"]
    )
