"""A template that says of its training what cannot be is not read."""

from typing import Any

import pytest

from annotation import catalogue, learning


def template(slug: str, **training: Any) -> dict[str, Any]:
    content = catalogue.load(slug)
    return {**content, "training": {**content["training"], **training}}


def test_a_grade_of_a_knee_may_be_learned_from_its_halves() -> None:
    assert learning.problems(template("knee-oa-kl", halves=True)) == []
    assert learning.problems(template("knee-oa-kl", halves=False, size=100)) == []


@pytest.mark.parametrize(
    ("slug", "training", "sentence"),
    [
        ("knee-oa-kl", {"halves": "yes"}, "halves must be true or false"),
        ("knee-oa-kl", {"halves": 1}, "halves must be true or false"),
        ("knee-oa-kl", {"halves": True, "size": 250}, "that 32 divides"),
        ("knee-oa-kl", {"halves": True, "size": 96}, "at least 128 pixels"),
        ("fracture-radiograph", {"halves": True}, "no place can be found for fractures"),
    ],
)
def test_halves_that_cannot_be_are_told(slug: str, training: Any, sentence: str) -> None:
    [problem] = learning.problems(template(slug, **training))

    assert problem.startswith("[training] ")
    assert sentence in problem


def test_such_a_template_is_not_read(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (catalogue.FOLDER / "knee-oa-kl.toml").read_text(encoding="utf-8")
    changed = text.replace("both_ways = true", 'both_ways = true\nhalves = "both"')
    (tmp_path / "knee-oa-kl.toml").write_text(changed, "utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)

    with pytest.raises(catalogue.TemplateProblem, match="halves must be true or false"):
        catalogue.load("knee-oa-kl")
