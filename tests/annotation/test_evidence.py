"""What is concluded from an image's own attributes, its descriptions and its file's name."""

from typing import Any

import pytest

from annotation.evidence.body_part import part_of
from annotation.evidence.side import side_of
from annotation.evidence.view import view_of
from tests.factories.evidence import coded, make_seen

LEFT = coded("7771000", "SCT")


@pytest.mark.parametrize(
    ("seen", "side"),
    [
        ({"ImageLaterality": "R"}, "R"),
        ({"Laterality": "L"}, "L"),
        ({"ImageLaterality": "B"}, "B"),
        ({"frames": ["L", "L"]}, "L"),
        ({"frames": ["L", "R"]}, "B"),
        (
            {
                "AnatomicRegionSequence": coded(
                    "72696002", "SCT", AnatomicRegionModifierSequence=LEFT
                )
            },
            "L",
        ),
        ({"name_side": "L"}, "L"),
        ({"markers": "AP R"}, "R"),
        ({"ImageLaterality": "B", "markers": "R"}, "B"),
        ({"SeriesDescription": "KNEE AP RT"}, "R"),
        ({"SeriesDescription": "Knie re. a.p."}, "R"),
        ({"SeriesDescription": "Kniegelenk seitlich links"}, "L"),
        ({"ProtocolName": "L KNEE"}, "L"),
        ({"StudyDescription": "XR KNEE LEFT"}, "L"),
        ({"SeriesDescription": "KNEES BOTH STANDING"}, "B"),
        # descriptions of the pair do not contradict the one
        ({"ImageLaterality": "R", "StudyDescription": "XR KNEES BILATERAL"}, "R"),
        ({"ImageLaterality": "L", "SeriesDescription": "KNEE RT LT"}, "L"),
        # the series' own words come before the study's: a view of the other knee, to compare
        (
            {
                "ImageLaterality": "R",
                "SeriesDescription": "KNEE RT",
                "StudyDescription": "KNEE LEFT",
            },
            "R",
        ),
    ],
)
def test_a_side_that_is_clear(seen: dict[str, Any], side: str) -> None:
    assert side_of(make_seen(**seen)) == (side, None)


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        ({"ImageLaterality": "R", "name_side": "L"}, "Tag says right, file name says left."),
        ({"ImageLaterality": "R", "markers": "L"}, "Tag says right, marker says left."),
        ({"ImageLaterality": "R", "markers": "L R"}, "Tag says right, marker says both."),
        (
            {"Laterality": "L", "SeriesDescription": "RT KNEE", "name_side": "L"},
            "Tag says left, description says right, file name says left.",
        ),
        (
            {"ImageLaterality": "L", "Laterality": "R"},
            "Tag says left, series tag says right.",
        ),
        (
            {"StudyDescription": "KNEE RIGHT", "name_side": "L"},
            "Description says right, file name says left.",
        ),
        ({"ImageLaterality": "B", "name_side": "L"}, "Tag says both, file name says left."),
    ],
)
def test_sources_that_contradict_each_other_are_a_conflict(
    seen: dict[str, Any], sentence: str
) -> None:
    value, flag = side_of(make_seen(**seen))
    assert flag is not None
    assert (value, flag["code"], flag["sentence"]) == ("", "laterality_conflict", sentence)
    assert sentence.count(" says ") == len(flag["said"])


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {"ImageLaterality": "U"},
        {"StudyDescription": "XR KNEES BOTH"},  # one of the two; which is not said
        {"StudyDescription": "KNEE LT AND RT"},
        {"SeriesDescription": "L SPINE"},  # lumbar
        {"SeriesDescription": "Ulrich"},
    ],
)
def test_a_side_of_which_nothing_speaks_is_unknown(seen: dict[str, Any]) -> None:
    verdict = side_of(make_seen(**seen))
    assert verdict.value == ""
    assert verdict.flag is not None
    assert verdict.flag["code"] == "laterality_unknown"
    assert side_of(make_seen(**seen), expected=False) == ("", None)


@pytest.mark.parametrize(
    ("seen", "view"),
    [
        ({"ViewPosition": "PA"}, "PA"),
        ({"ViewPosition": "LL"}, "LATERAL"),
        ({"markers": "PA R"}, "PA"),
        ({"ViewPosition": "SKYLINE"}, "AXIAL"),
        ({"ViewCodeSequence": coded("399348003", "SCT")}, "AP"),
        ({"ViewCodeSequence": coded("R-10206", "SRT")}, "AP"),
        ({"ViewCodeSequence": coded("399198007", "SCT")}, "LATERAL"),
        ({"SeriesDescription": "Knie a.p."}, "AP"),
        ({"SeriesDescription": "KNEE LAT RT"}, "LATERAL"),
        ({"SeriesDescription": "Rosenberg"}, "PA"),
        ({"PatientOrientation": ["L", "F"]}, "FRONTAL"),
        ({"PatientOrientation": ["A", "F"]}, "LATERAL"),
        ({"PatientOrientation": ["PF", "F"]}, "LATERAL"),
        ({"ViewPosition": "AP", "ViewCodeSequence": coded("399033003", "SCT")}, "AP"),
        # detectors write L\F into lateral images as well (CR of a cervical spine in the tests' real files)
        ({"ViewPosition": "LL", "PatientOrientation": ["L", "F"]}, "LATERAL"),
        # a description of two views is of neither
        ({"ViewPosition": "AP", "SeriesDescription": "KNEE AP/LAT"}, "AP"),
        ({"ViewPosition": "AP", "StudyDescription": "XR KNEE LAT"}, "AP"),
    ],
)
def test_a_view_that_is_clear(seen: dict[str, Any], view: str) -> None:
    assert view_of(make_seen(**seen)) == (view, None)


@pytest.mark.parametrize(
    ("seen", "code", "sentence"),
    [
        (
            {"ViewPosition": "AP", "SeriesDescription": "Cervical OBLI 2"},
            "view_conflict",
            "Tag says AP, description says oblique.",
        ),
        (
            {"ViewPosition": "PA", "ViewCodeSequence": coded("399067008", "SCT")},
            "view_conflict",
            "Tag says PA, code says lateral.",
        ),
        ({}, "view_unknown", "Nothing says which view this is."),
        ({"SeriesDescription": "AP/LAT"}, "view_unknown", "Nothing says which view this is."),
        (
            {"ViewCodeSequence": coded("1", "99OURS")},
            "view_unknown",
            "Nothing says which view this is.",
        ),
    ],
)
def test_a_view_that_is_unclear_is_flagged(seen: dict[str, Any], code: str, sentence: str) -> None:
    value, flag = view_of(make_seen(**seen))
    assert flag is not None
    assert (value, flag["code"], flag["sentence"]) == ("", code, sentence)


KNEE_JOINT = coded("49076000", "SCT")


@pytest.mark.parametrize(
    "seen",
    [
        {"BodyPartExamined": "KNEE"},
        {"BodyPartExamined": "KNEE JOINT"},
        {"BodyPartExamined": "KNEE_LEFT"},
        {"AnatomicRegionSequence": coded("72696002", "SCT")},
        {"AnatomicRegionSequence": KNEE_JOINT, "BodyPartExamined": "LEG"},
        {"AnatomicRegionSequence": coded("T-D9200", "SRT")},
    ],
)
def test_a_body_part_by_tag_or_code(seen: dict[str, Any]) -> None:
    assert part_of(make_seen(**seen), ["KNEE"]) == ("KNEE", None)


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (
            {"StudyDescription": "XR KNEE 2 VIEWS"},
            "No tag says which body part this is, the description says knee.",
        ),
        (
            {"SeriesDescription": "Knie ap", "BodyPartExamined": "SKULL"},
            "The tag says skull, the description says knee.",
        ),
        (
            {"ProtocolName": "GENOU FACE", "BodyPartExamined": "EXTREMITY"},
            "The tag says extremity, the description says knee.",
        ),
    ],
)
def test_a_body_part_by_description_only_is_flagged(seen: dict[str, Any], sentence: str) -> None:
    flag = {"code": "body_part_guessed", "sentence": sentence}
    assert part_of(make_seen(**seen), ["KNEE"]) == ("KNEE", flag)


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {"BodyPartExamined": "HAND"},
        {"SeriesDescription": "Hand"},
        {"AnatomicRegionSequence": coded("85562004", "SCT")},
        # a long film: the description names what the tag names as well
        {"BodyPartExamined": "FEMUR", "SeriesDescription": "FEMUR WITH KNEE"},
    ],
)
def test_another_body_part_is_not_taken(seen: dict[str, Any]) -> None:
    assert part_of(make_seen(**seen), ["KNEE"]) is None
