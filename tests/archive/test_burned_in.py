"""Which images wait for a look at their pixels, by what their header says."""

from typing import Any

import numpy as np
import pytest
from pydicom.uid import (
    CTImageStorage,
    MRImageStorage,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
)

from archive.burned_in import judge
from archive.image import read_image
from archive.policy import Policy
from tests.factories.archive import make_dataset

LARGE = np.zeros((64, 64), np.uint16)
ORIGINAL = ["ORIGINAL", "PRIMARY", "AXIAL"]
DERIVED = ["DERIVED", "SECONDARY", "MPR"]


def state(pixels: Any = LARGE, policy: Policy | None = None, **elements: Any) -> str:
    ds = make_dataset(pixels, **elements)
    return judge(ds, read_image(ds), policy).state


@pytest.mark.parametrize(
    ("expected", "elements"),
    [
        ("ready", {"SOPClassUID": CTImageStorage, "Modality": "CT", "ImageType": ORIGINAL}),
        ("ready", {"SOPClassUID": MRImageStorage, "Modality": "MR", "ImageType": ORIGINAL}),
        ("ready", {"SOPClassUID": MRImageStorage, "Modality": "MR"}),
        ("checking", {"SOPClassUID": CTImageStorage, "Modality": "CT", "ImageType": DERIVED}),
        (
            "checking",
            {"SOPClassUID": CTImageStorage, "ImageType": ORIGINAL, "ConversionType": "WSD"},
        ),
        (
            "checking",
            {"SOPClassUID": CTImageStorage, "ImageType": ORIGINAL, "Manufacturer": "VIDAR Systems"},
        ),
        ("checking", {"Modality": "DX"}),
        ("checking", {"Modality": "DX", "BurnedInAnnotation": "NO"}),
        ("checking", {"SOPClassUID": UltrasoundImageStorage, "Modality": "US"}),
        ("checking", {"SOPClassUID": SecondaryCaptureImageStorage, "Modality": "OT"}),
        ("checking", {"BurnedInAnnotation": "YES", "SOPClassUID": CTImageStorage}),
        (
            "checking",
            {"SOPClassUID": CTImageStorage, "ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]},
        ),
    ],
)
def test_it_judges_by_the_header(expected: str, elements: dict[str, Any]) -> None:
    assert state(**elements) == expected


def test_it_lets_pass_what_is_too_small_to_be_read() -> None:
    assert state(np.zeros((12, 10), np.uint16), Modality="US") == "ready"


def test_it_says_why_it_holds() -> None:
    ds = make_dataset(LARGE, BurnedInAnnotation="YES")

    [reason] = judge(ds, read_image(ds)).reasons

    assert reason["code"] == "burned_in_annotation"
    assert reason["sentence"].endswith(".")


def test_it_searches_nothing_where_the_search_is_off_but_holds_what_says_so_itself() -> None:
    off = Policy(b"k", keep_link=True, check_text=False)

    assert state(policy=off, Modality="US") == "ready"
    assert state(policy=off, BurnedInAnnotation="YES") == "held"


def test_it_does_not_change_the_header() -> None:
    ds = make_dataset(LARGE)
    before = str(ds)

    judge(ds, read_image(ds))

    assert str(ds) == before
