"""A template that says of its training what cannot be is not read."""

import re
from typing import Any

import pytest

from annotation import catalogue, learning
from annotation.learning_settings import SETTINGS


def template(slug: str, **training: Any) -> dict[str, Any]:
    content = catalogue.load(slug)
    return {**content, "training": {**content["training"], **training}}


def test_a_grade_of_a_knee_may_be_learned_from_its_halves() -> None:
    assert learning.problems(template("knee-oa-kl", halves=True)) == []
    assert learning.problems(template("knee-oa-kl", halves=False, size=96)) == []
    assert learning.problems(template("knee-oa-kl", mixing=0.4, skipping=0.1)) == []


@pytest.mark.parametrize(
    ("slug", "training", "sentence"),
    [
        ("knee-oa-kl", {"halves": "yes"}, "halves must be true or false"),
        ("knee-oa-kl", {"halves": 1}, "halves must be true or false"),
        ("knee-oa-kl", {"halves": True, "size": 250}, "that 32 divides"),
        ("knee-oa-kl", {"halves": True, "size": 96}, "at least 128 pixels"),
        ("knee-oa-kl", {"halves": True, "images": "volume"}, "images must be first or all"),
        ("knee-oa-kl", {"images": "stack"}, "images must be one of first, all, volume, not"),
        (
            "knee-oa-kl",
            {"epochs": "many"},
            'epochs must be a whole number from 1 to 1000, not "many".',
        ),
        ("knee-oa-kl", {"epochs": True}, "epochs must be a whole number"),
        ("knee-oa-kl", {"batch": 0}, "batch must be a whole number from 1 to 512, not 0."),
        ("knee-oa-kl", {"lr": -1}, "lr must be a number above 0, 1 at the most, not -1."),
        ("knee-oa-kl", {"lr": float("nan")}, "lr must be a number above 0"),
        (
            "knee-oa-kl",
            {"size": 37},
            "size must be a whole number of pixels from 32 to 1024 that 32 divides",
        ),
        ("knee-oa-kl", {"size": "large"}, "size must be a whole number of pixels"),
        ("knee-oa-kl", {"ema": 1}, "ema must be a number from 0 to below 1, not 1."),
        ("knee-oa-kl", {"mirror": "left"}, 'mirror must be one of L, R, not "left".'),
        (
            "knee-oa-kl",
            {"encoder": ["resnet18"]},
            "encoder must be one of efficientnet_lite0, resnet18",
        ),
        ("knee-oa-kl", {"epoch": 5}, "epoch is not known; is epochs meant?"),
        ("knee-oa-kl", {"speed": 5}, "speed is not known; there are encoder, images"),
        ("knee-oa-kl", {"pretrain": 5}, "pretrain must be a table of passes, shown"),
        ("knee-oa-kl", {"pretrain": {"passes": 0}}, "pretrain: passes must be a whole number"),
        ("fracture-radiograph", {"halves": True}, "no place can be found for fractures"),
        ("knee-oa-kl", {"mixing": -0.1}, "mixing must be a number from 0"),
        ("knee-oa-kl", {"mixing": "much"}, "mixing must be a number from 0"),
        ("knee-oa-kl", {"turning": 180}, "turning must be a number of degrees from 0"),
        ("knee-oa-kl", {"zooming": -0.1}, "zooming must be a number from 0 to below 0.5"),
        ("knee-oa-kl", {"skipping": 1}, "skipping must be a share"),
        ("knee-oa-kl", {"skipping": True}, "skipping must be a share"),
    ],
)
def test_settings_that_cannot_be_are_told(slug: str, training: Any, sentence: str) -> None:
    [problem] = learning.problems(template(slug, **training))

    assert problem.startswith("[training] ")
    assert sentence in problem


POINTS = {"key": "tips", "kind": "points", "label": "Tips"}
TWO = {"sites": ["medial", "lateral"]}


def form(crop: Any, *, kind: str = "presence", **more: Any) -> dict[str, Any]:
    """A form of a box, a point, a pair of boxes and the field that is cropped."""
    graded = {"key": "torn", "kind": kind, "label": "Torn", "crop": crop, **more}
    located = [{"key": "where", "kind": "boxes", "label": "Where"}, POINTS]
    pair = {"key": "horns", "kind": "boxes", "label": "Horns", **TWO}
    return {"training": {"size": 224}, "fields": [*located, pair, graded]}


@pytest.mark.parametrize(
    ("crop", "more"),
    [
        ({"field": "where"}, {}),
        ({"field": "where", "margin": 0.25, "size": 224}, {}),
        ({"field": "where", "margin": 0}, TWO),
        ({"field": "horns"}, TWO),
        ({"field": "tips", "share": 0.2}, {}),
        ({"field": "tips", "mm": 30, "size": 128}, {}),
    ],
)
def test_a_field_may_be_learned_from_what_another_one_marks(crop: Any, more: Any) -> None:
    assert learning.problems(form(crop, **more)) == []


@pytest.mark.parametrize(
    ("crop", "more", "sentence"),
    [
        ("where", {}, "must be a table that names a field"),
        ({"margin": 0.2}, {}, "must be a table that names a field"),
        ({"field": "nowhere"}, {}, "must name a field of this form of the kind boxes or points"),
        ({"field": "torn"}, {}, "must name a field of this form of the kind boxes or points"),
        ({"field": "where", "around": 3}, {}, "its crop cannot have around"),
        ({"field": "where"}, {"kind": "polygon"}, "only a field with one answer"),
        ({"field": "horns"}, {}, "its sites must be those of 'horns'"),
        ({"field": "where", "margin": 3}, {}, "margin of its crop must be from 0 to 2"),
        ({"field": "where", "margin": "wide"}, {}, "margin of its crop must be from 0 to 2"),
        ({"field": "where", "size": 8}, {}, "size of its crop must be a whole number"),
        ({"field": "where", "size": 224.0}, {}, "size of its crop must be a whole number"),
        ({"field": "where", "mm": 30}, {}, "take mm and share out"),
        ({"field": "tips"}, {}, "needs its side, either as mm or as a share"),
        (
            {"field": "tips", "mm": 3, "share": 0.1},
            {},
            "needs its side, either as mm or as a share",
        ),
        ({"field": "tips", "share": 1.5}, {}, "the share of its crop must be a number above 0"),
        ({"field": "tips", "mm": True}, {}, "the mm of its crop must be a number above 0"),
        ({"field": "tips", "mm": 9, "margin": 0.1}, {}, "about a point has no margin"),
    ],
)
def test_a_crop_that_cannot_be_is_told(crop: Any, more: Any, sentence: str) -> None:
    [problem] = learning.problems(form(crop, **more))

    assert problem.startswith("Field 'torn': ")
    assert sentence in problem


def test_two_crops_of_a_form_must_be_alike() -> None:
    content = form({"field": "where"})
    other = {"key": "old", "kind": "presence", "label": "Old", "crop": {"field": "tips", "mm": 9}}

    [problem] = learning.problems({**content, "fields": [*content["fields"], other]})

    assert "all crops of a form must be the same; that of 'torn' is another one" in problem


def test_an_attribute_has_no_crop() -> None:
    content = form({"field": "where"})
    asked = {"key": "kind", "kind": "presence", "label": "Kind", "crop": {"field": "where"}}
    where, *others = content["fields"]

    [problem] = learning.problems(
        {**content, "fields": [{**where, "attributes": [asked]}, *others]}
    )

    assert "its attributes are answered of each item" in problem


def test_such_a_template_is_not_read(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (catalogue.FOLDER / "knee-oa-kl.toml").read_text(encoding="utf-8")
    changed = text.replace("both_ways = true", 'both_ways = true\nhalves = "both"')
    (tmp_path / "knee-oa-kl.toml").write_text(changed, "utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)

    with pytest.raises(catalogue.TemplateProblem, match="halves must be true or false"):
        catalogue.load("knee-oa-kl")


def test_the_size_of_the_pictures_must_be_said() -> None:
    content = catalogue.load("knee-oa-kl")

    [lacking] = learning.problems({**content, "training": {"batch": 8}})
    [none] = learning.problems({key: of for key, of in content.items() if key != "training"})

    assert "size is missing" in lacking
    assert "needs a table [training]" in none


def test_the_docs_say_of_every_setting_what_it_must_be() -> None:
    text = (catalogue.FOLDER.parents[1] / "docs/learning.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]*?) ?\|$", text, re.M)
    told = {name: line.is_ for name, line in SETTINGS.items()}

    assert [row for row in rows if row[0] in told] == list(told.items())
