from typing import Any

import pytest

from annotation import catalogue
from annotation.hanging import problems


def test_a_template_may_leave_the_hanging_to_the_page() -> None:
    assert problems({}) == []
    assert problems({"hanging": {"layout": "1x2", "panes": [{"view": "PA", "label": "PA"}]}}) == []


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ({"viewports": []}, "viewports"),
        ({"layout": "3x3"}, "layout"),
        ({"lock_flip": "no"}, "lock_flip"),
        ({"panes": [{}]}, "panes"),
        ({"panes": [{"view": "SIDEWAYS"}]}, "SIDEWAYS"),
        ({"panes": [{"plane": "oblique"}]}, "oblique"),
        ({"panes": [{"description": 3}]}, "in words"),
        ({"priors": 4}, "0 to 3"),
        ({"priors": True}, "0 to 3"),
        ({"windows": [{"name": "bone", "center": 300, "width": 0}]}, "width"),
    ],
)
def test_it_says_what_a_hanging_cannot_be(table: dict[str, Any], word: str) -> None:
    [problem] = problems({"hanging": table})
    assert problem.startswith("[hanging]")
    assert word in problem


def test_every_template_hangs() -> None:
    assert all(problems(catalogue.load(slug)) == [] for slug in catalogue.names())
