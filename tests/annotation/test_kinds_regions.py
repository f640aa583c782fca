import json
from typing import Any

import pytest

from annotation.kinds import REGIONS
from annotation.kinds.mask import MOST_RUNS
from annotation.kinds.regions import MOST, CaseImage
from tests.factories.regions import IMAGE, make_field, make_item

IMAGES = {
    IMAGE: CaseImage(frames=3, rows=100, columns=50, view="PA"),
    "4.5.6": CaseImage(1, 9, 9, ""),
}
EVERY = pytest.mark.parametrize("kind", list(REGIONS))
CERTAINTY: dict[str, Any] = {
    "key": "certainty",
    "kind": "choice",
    "label": "Certainty",
    "options": [{"value": "definite", "label": "Definite"}, {"value": "possible", "label": "?"}],
}


def problem(kind: str, *items: Any, complete: bool = False, **field: Any) -> str | None:
    """Of a value: by itself, else on the images of its case."""
    made, value = make_field(kind, **field), list(items)
    found = REGIONS[kind].value_problem(made, value, complete)
    return found or REGIONS[kind].image_problem(made, value, IMAGES)


@EVERY
def test_it_takes_sound_items_and_none_at_all(kind: str) -> None:
    assert REGIONS[kind].definition_problems(make_field(kind)) == []
    assert problem(kind, make_item(kind), make_item(kind, 2, frame=3), complete=True) is None
    assert problem(kind, complete=True) is None


@EVERY
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"image": "9.9"}, "Item 1: its image does not belong to this case; remove it."),
        ({"frame": 4}, "Item 1: its image has 3 frames; there is no frame 4."),
        ({"frame": 0}, "Item 1: its image has 3 frames; there is no frame 0."),
        ({"frame": 1.0}, "its frame a whole number."),
        ({"image": 5}, "its image must be a SOP Instance UID"),
        ({"id": ""}, "its id must be letters and digits."),
        ({"colour": "red"}, "Item 1: it cannot have colour."),
        ({"attributes": []}, "its attributes must be an object."),
        ({"attributes": {"bone": "x"}}, "the form has no attribute 'bone'."),
    ],
)
def test_it_says_what_is_wrong_with_an_item(
    kind: str, change: dict[str, Any], sentence: str
) -> None:
    assert sentence in str(problem(kind, make_item(kind, **change)))


@EVERY
def test_it_names_the_item_and_what_it_lacks(kind: str) -> None:
    broken = make_item(kind, 2)
    del broken["frame"]
    assert problem(kind, make_item(kind), broken) == "Item 2: it lacks frame."
    assert problem(kind, make_item(kind), "box") == "Item 2: it must be an object."
    assert problem(kind, make_item(kind), make_item(kind)) == "Two items have the same id."


@EVERY
def test_too_many_are_refused_at_once_and_too_few_only_at_the_end(kind: str) -> None:
    items = [make_item(kind, number) for number in range(3)]
    assert problem(kind, *items, maximum=2) == "There may be 2 at most; remove some."
    assert problem(kind, minimum=1) is None
    assert problem(kind, minimum=1, complete=True) == "Mark at least 1."


@EVERY
def test_attributes_are_answered_as_their_kind_says_and_required_ones_at_the_end(kind: str) -> None:
    asked = [{**CERTAINTY, "required": True}]
    sure = make_item(kind, attributes={"certainty": "definite"})
    assert problem(kind, sure, complete=True, attributes=asked) is None
    assert problem(kind, make_item(kind), attributes=asked) is None
    assert problem(kind, make_item(kind), complete=True, attributes=asked) == (
        "Item 1: Certainty: answer it."
    )
    wrong = make_item(kind, attributes={"certainty": "maybe"})
    assert problem(kind, wrong, attributes=asked) == (
        "Item 1: Certainty: Choose one of definite, possible."
    )


@EVERY
def test_it_is_marked_on_the_views_that_the_field_names(kind: str) -> None:
    assert problem(kind, make_item(kind), views=["AP", "PA"]) is None
    assert problem(kind, make_item(kind), views=["LATERAL"]) == (
        "Item 1: this is marked on LATERAL only, not on PA."
    )


def test_the_slices_of_a_box_are_in_order_and_of_one_series() -> None:
    stack = {
        uid: CaseImage(frames=3, rows=100, columns=50, view="", series=series, place=place)
        for uid, series, place in (("1.1", "1", 0), ("1.2", "1", 1), ("2.1", "2", 2))
    }
    field = make_field("boxes", extent=True)

    def said(first: tuple[str, int], last: tuple[str, int]) -> str | None:
        ends = {
            end: {"image": image, "frame": frame}
            for end, (image, frame) in (("first", first), ("last", last))
        }
        item = make_item("boxes", image="1.1", frame=2, extent=ends)
        return REGIONS["boxes"].image_problem(field, [item], stack)

    assert said(("1.1", 1), ("1.2", 1)) is None
    assert said(("1.1", 2), ("1.1", 2)) is None
    for first, last in ((("1.2", 1), ("1.1", 3)), (("1.1", 3), ("1.1", 2))):
        assert said(first, last) == "Item 1: its last slice comes before its first."
    assert "are of two series" in str(said(("1.1", 1), ("2.1", 1)))
    for first, last in ((("1.1", 3), ("1.2", 1)), (("2.1", 1), ("2.1", 3))):
        assert "leave out the one on which it is drawn" in str(said(first, last))


@pytest.mark.parametrize(
    ("kind", "change", "sentence"),
    [
        ("boxes", {"box": [10, 20, 50.01, 40]}, "it lies outside its image of 50 x 100 pixels."),
        ("boxes", {"box": [-0.01, 20, 50, 40]}, "it lies outside its image"),
        ("boxes", {"box": [30, 20, 10, 40]}, "its box has no area"),
        ("boxes", {"box": [10, 20, 10, 40]}, "its box has no area"),
        ("boxes", {"box": [10, 20, 30]}, "must be a list of 4 numbers"),
        ("boxes", {"box": [10, 20, 30, 40.123]}, "two decimals at most"),
        ("boxes", {"box": [10, 20, 30, float("nan")]}, "must be numbers"),
        ("boxes", {"box": [10, 20, 30, 1e300]}, "must be numbers"),
        ("boxes", {"extent": {"first": {"image": IMAGE, "frame": 1}}}, "asks for no extent"),
        ("points", {"at": [51, 1]}, "it lies outside its image"),
        ("points", {"at": "here"}, "must be a list of 2 numbers"),
        ("polygon", {"points": [[0, 0], [10, 0]]}, "it needs 3 points or more."),
        ("polygon", {"points": [[0, 0], [10, 10], [20, 20]]}, "its outline has no area."),
        ("polygon", {"points": [[0, 0], [10, 0], [10, 101]]}, "it lies outside its image"),
        ("polygon", {"points": [[0, 0], [10, 0], 5]}, "must be a list of 2 numbers"),
        ("measure", {"points": [[0, 0]]}, "it needs 2 points."),
        ("measure", {"points": [[1, 1], [1, 1]]}, "two of its points are the same."),
        ("measure", {"spacing": "unknown"}, "its unit must be px: its spacing is unknown."),
        ("measure", {"unit": "px"}, "its unit must be mm: its spacing is patient."),
        ("measure", {"value": -1}, "its value must be a number, 0 or more."),
        ("measure", {"type": "area"}, "its type must be length or angle."),
        ("mask", {"segment": "bone"}, "its segment must be one of effusion."),
        ("mask", {"rows": 50, "columns": 100}, "not of the size of its image, 50 x 100"),
        ("mask", {"runs": []}, "remove an empty mask"),
        ("mask", {"runs": [0, 5, 5, 5]}, "must ascend, not touch"),
        ("mask", {"runs": [10, 5, 0, 5]}, "must ascend, not touch"),
        ("mask", {"runs": [0, 0]}, "not be empty"),
        ("mask", {"runs": [0, 5, 10]}, "pairs of a start and a length"),
        ("mask", {"runs": [0, 5, 4990, 11]}, "reach beyond its rows and columns"),
        ("mask", {"runs": [-1, 5]}, "must ascend"),
        ("mask", {"runs": [0.0, 5]}, "whole numbers"),
    ],
)
def test_it_says_what_is_wrong_with_a_shape(
    kind: str, change: dict[str, Any], sentence: str
) -> None:
    assert sentence in str(problem(kind, make_item(kind, **change)))


def test_an_angle_is_in_degrees_and_has_a_corner() -> None:
    angle: dict[str, Any] = {
        "type": "angle",
        "points": [[0, 0], [9, 9], [0, 9]],
        "value": 45.0,
        "unit": "deg",
    }
    assert problem("measure", make_item("measure", **angle)) is None
    assert "its unit must be deg" in str(problem("measure", make_item("measure", type="angle", points=angle["points"])))  # fmt: skip
    assert "its value must be" in str(problem("measure", make_item("measure", **angle | {"value": 181})))  # fmt: skip
    assert problem("measure", make_item("measure", **angle), types=["length"]) == (
        "Item 1: its type must be length."
    )


def test_a_box_on_a_stack_names_the_slices_that_it_reaches_over() -> None:
    ends = {"first": {"image": IMAGE, "frame": 1}, "last": {"image": IMAGE, "frame": 3}}
    assert problem("boxes", make_item("boxes", extent=ends), extent=True) is None
    for wrong, sentence in (
        (ends | {"last": {"image": IMAGE, "frame": 4}}, "there is no frame 4"),
        (ends | {"last": {"image": "9.9", "frame": 1}}, "does not belong to this case"),
        (ends | {"last": {"image": IMAGE}}, "must have an image and a frame"),
        ({"first": ends["first"]}, "must have a first and a last slice"),
        ("all", "must have a first and a last slice"),
    ):
        assert sentence in str(problem("boxes", make_item("boxes", extent=wrong), extent=True))


@pytest.mark.parametrize(
    ("kind", "change", "sentence"),
    [
        ("boxes", {"minimum": 3, "maximum": 2}, "its minimum and maximum"),
        ("boxes", {"maximum": "2"}, "its minimum and maximum"),
        ("boxes", {"views": ["TOP"]}, "its view 'TOP' must be one of"),
        ("boxes", {"attributes": [CERTAINTY, CERTAINTY]}, "need distinct keys"),
        ("boxes", {"attributes": [CERTAINTY | {"kind": "boxes"}]}, "its kind must be one of"),
        ("boxes", {"attributes": [CERTAINTY | {"options": []}]}, "attribute 'certainty': it needs"),
        ("boxes", {"attributes": [CERTAINTY | {"label": ""}]}, "a key in lower case and a label"),
        ("points", {"within": 0}, "within must be a number of pixels"),
        ("mask", {"segments": []}, "one or more segments"),
        ("measure", {"types": ["area"]}, "its types must be"),
    ],
)
def test_it_names_the_fault_of_a_definition(
    kind: str, change: dict[str, Any], sentence: str
) -> None:
    assert sentence in " ".join(REGIONS[kind].definition_problems(make_field(kind, **change)))


@EVERY
def test_what_an_export_writes_can_be_imported(kind: str) -> None:
    field, value = make_field(kind), [make_item(kind), make_item(kind, 2)]
    columns = REGIONS[kind].columns("place", field)
    cells = dict(zip(columns, REGIONS[kind].cells(field, value), strict=True))
    assert cells["place_count"] == 2
    assert REGIONS[kind].value_of(field, cells["place"]) == value
    for text in ("two boxes", json.dumps([{"id": "a"}])):
        with pytest.raises(ValueError, match=r"JSON|Item 1"):
            REGIONS[kind].value_of(field, text)


def test_measures_are_exported_with_their_units() -> None:
    value = [make_item("measure"), make_item("measure", value=None)]
    assert REGIONS["measure"].cells(make_field("measure"), value)[-1] == "25.0 mm"


@EVERY
def test_there_is_an_end_to_how_many_items_a_read_may_have(kind: str) -> None:
    items = [make_item(kind, number) for number in range(MOST + 1)]
    assert f"There may be {MOST} at most" in str(problem(kind, *items))
    assert problem(kind, *items, maximum=MOST + 1) is None


def test_masks_have_a_largest_size() -> None:
    field = make_field("mask")
    runs = [number for start in range(0, 4 * MOST_RUNS, 4) for number in (start, 2)]
    item = make_item("mask", rows=2500, columns=2000, runs=runs)
    assert REGIONS["mask"].value_problem(field, [item]) is None

    problem = REGIONS["mask"].value_problem(field, [item, make_item("mask", 2)])

    assert problem is not None
    assert "50,002 runs of pixels together, and 50,000 can be kept. Smooth" in problem
