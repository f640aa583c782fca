"""Of a description the known words stay; what may be a name, a date or a number of somebody goes."""

import pytest

from archive import words


@pytest.mark.parametrize(
    "text",
    [
        "t1_vibe_fs_tra_bh_dyn",
        "CT BRAIN WO IVCON",
        "5/5mm Plain",
        "XR C Spine Comp Min 4 Views",
        "Knee, PA standing",
        "L5S1 T2 TSE SAG 3mm",
        "Hüfte schräg",
        "左膝关节正侧位",
    ],
)
def test_it_keeps_what_describes_an_image(text: str) -> None:
    assert words.clean(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Knee Smith^John PA", "Knee PA"),
        ("Knee 12/03/1957", "Knee"),
        ("Knee 12.03.1957", "Knee"),
        ("tel 49-151-22334455", ""),
        ("MRN 0012345", ""),
        ("Müller", ""),
        ("S M I T H knee", "knee"),
        ("KNEEsmith", ""),
        ("患者", ""),
        ("王左膝", ""),
        ("Knee (both)", "Knee both"),
        ("Knee (Smith", "Knee"),
        ("Knee PA (both, Smith)", "Knee PA both"),
    ],
)
def test_it_drops_what_may_be_somebody(text: str, left: str) -> None:
    assert words.clean(text) == left


def test_it_knows_makers_only_where_makers_stand() -> None:
    assert words.clean("SIEMENS Amira", words.MAKER) == "SIEMENS Amira"
    assert words.clean("Amira") == ""


@pytest.mark.parametrize(
    "value", ["YBR_FULL_422", "CT_SOM5 SEQ", "ISO_10918_1", "PALETTE COLOR", ""]
)
def test_it_knows_defined_terms(value: str) -> None:
    assert words.is_known(value)


@pytest.mark.parametrize(
    "value", ["SMITH", "KNEE SMITH", "19570203", "KNEE\N{LATIN SMALL LETTER E WITH ACUTE}"]
)
def test_it_knows_nothing_else_as_a_term(value: str) -> None:
    assert not words.is_known(value)
