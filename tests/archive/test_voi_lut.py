"""A file's own VOI LUT decides how it is shown, unless somebody asks for a window; the measured values stay."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from archive.dicomweb.picture import Asked, render
from archive.dicomweb.viewport import Window
from archive.pixels import grey
from tests.factories.archive import make_instance

pytestmark = pytest.mark.django_db

RAMP = np.arange(120, dtype=np.uint16).reshape(12, 10)


def table(values: list[int], first: int = 0) -> list[Dataset]:
    item = Dataset()
    item.LUTDescriptor = [len(values), first, 16]
    item.LUTData = np.array(values, np.uint16).tobytes()
    return [item]


def test_it_shows_an_image_by_its_own_table() -> None:
    squares = [min(number * number * 4, 65_535) for number in range(120)]
    instance = make_instance(RAMP, VOILUTSequence=table(squares), WindowCenter=5, WindowWidth=2)

    shown = np.asarray(render(instance, 0, Asked(None, None, 90)))

    assert (shown == np.array(squares).reshape(12, 10) >> 8).all()
    assert (grey(instance) == RAMP).all()


def test_it_shows_monochrome1_by_its_own_table_and_turned_round() -> None:
    instance = make_instance(
        RAMP,
        PhotometricInterpretation="MONOCHROME1",
        VOILUTSequence=table([number << 8 for number in range(120)]),
    )

    shown = np.asarray(render(instance, 0, Asked(None, None, 90)))

    assert (shown == 255 - RAMP).all()


def test_it_shows_the_window_that_is_asked_for() -> None:
    instance = make_instance(RAMP, VOILUTSequence=table([0] * 120))

    shown = np.asarray(render(instance, 0, Asked(Window(60, 120), None, 90)))

    assert shown.max() > 200
