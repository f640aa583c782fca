"""A file's own VOI LUT decides how it is shown, unless somebody asks for a window; the measured values stay."""

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from archive.dicomweb.picture import Asked, render
from archive.dicomweb.viewport import Window
from archive.models import Instance
from archive.pixels import grey
from tests.factories.archive import make_instance

pytestmark = pytest.mark.django_db

RAMP = np.arange(120, dtype=np.uint16).reshape(12, 10)


def shown(instance: Instance, frame: int = 0) -> Any:
    return np.asarray(render(instance, frame, Asked(None, None, 90)))


def table(values: list[int], first: int = 0) -> list[Dataset]:
    item = Dataset()
    item.LUTDescriptor = [len(values), first, 16]
    item.LUTData = np.array(values, np.uint16).tobytes()
    return [item]


def test_it_shows_an_image_by_its_own_table() -> None:
    squares = [min(number * number * 4, 65_535) for number in range(120)]
    instance = make_instance(RAMP, VOILUTSequence=table(squares), WindowCenter=5, WindowWidth=2)

    assert (shown(instance) == np.array(squares).reshape(12, 10) >> 8).all()
    assert (grey(instance) == RAMP).all()


def test_it_shows_monochrome1_by_its_own_table_and_turned_round() -> None:
    instance = make_instance(
        RAMP,
        PhotometricInterpretation="MONOCHROME1",
        VOILUTSequence=table([number << 8 for number in range(120)]),
    )

    assert (shown(instance) == 255 - RAMP).all()


def test_it_shows_the_window_that_is_asked_for() -> None:
    instance = make_instance(RAMP, VOILUTSequence=table([0] * 120))

    windowed = np.asarray(render(instance, 0, Asked(Window(60, 120), None, 90)))

    assert windowed.max() > 200


def test_it_applies_the_table_to_what_the_modality_lut_gives() -> None:
    doubled, shifted = [2 * number for number in range(120)], [number << 8 for number in range(240)]
    instance = make_instance(
        RAMP, ModalityLUTSequence=table(doubled), VOILUTSequence=table(shifted)
    )

    assert (shown(instance) == 2 * RAMP).all()


def test_it_applies_tables_of_signed_values_from_below_zero() -> None:
    doubled, shifted = [2 * number for number in range(120)], [number << 8 for number in range(240)]
    instance = make_instance(
        RAMP.astype(np.int16) - 60,
        PixelRepresentation=1,
        ModalityLUTSequence=table(doubled, first=-60),
        VOILUTSequence=table(shifted),
    )
    plain = make_instance(
        RAMP.astype(np.int16) - 60,
        PixelRepresentation=1,
        VOILUTSequence=table([number << 8 for number in range(120)], first=-60),
    )

    assert (grey(instance) == 2 * RAMP).all()
    assert (shown(instance) == 2 * RAMP).all()
    assert (shown(plain) == RAMP).all()


def test_it_shows_each_frame_of_an_enhanced_image_by_its_own_window() -> None:
    frames = [frame_with_window(center, 120) for center in (60, 600)]
    pixels = np.stack([RAMP, RAMP])
    instance = make_instance(pixels, PerFrameFunctionalGroupsSequence=frames)

    assert abs(shown(instance, 0).astype(int) - RAMP * 255 / 119).max() <= 1
    assert shown(instance, 1).max() == 0


def frame_with_window(center: int, width: int) -> Dataset:
    window, frame = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = center, width
    frame.FrameVOILUTSequence = [window]
    return frame


def test_it_shows_an_image_by_the_function_that_its_file_names() -> None:
    window = {"WindowCenter": 60, "WindowWidth": 120}
    plain = shown(make_instance(RAMP, **window))
    curved = shown(make_instance(RAMP, VOILUTFunction="SIGMOID", **window))

    assert (plain.min(), plain.max()) == (0, 255)
    assert curved.min() == round(255 / (1 + np.exp(2)))


def test_it_turns_each_frame_of_monochrome1_at_the_same_value() -> None:
    """The table's range is what turns, not what one frame happens to hold."""
    instance = make_instance(
        np.stack([RAMP, RAMP // 2]),
        PhotometricInterpretation="MONOCHROME1",
        ModalityLUTSequence=table(list(range(120))),
    )

    assert (grey(instance, 0) == 65_535 - RAMP.astype(np.float32)).all()
    assert (grey(instance, 1) == 65_535 - (RAMP // 2).astype(np.float32)).all()
