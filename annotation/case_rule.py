"""A template's [cases] table: which images become cases of the task, and which of them are read at once."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from annotation.evidence.body_part import UNPAIRED, part_of
from annotation.evidence.image import Image
from annotation.evidence.side import side_of
from annotation.evidence.view import VIEWS, view_of
from annotation.flags import Flag

LATERALITIES = ("R", "L", "B", "")
GROUPS = ("study", "series", "laterality", "view")


class Rule(NamedTuple):
    """`views` empty: no view is asked of an image. In `views` and `lateralities`, "" takes those of which it is unclear.

    The views stand in the order in which they hang; a model learns from a case's first image.
    """

    modalities: Sequence[str]
    body_parts: Sequence[str]
    lateralities: Sequence[str]
    views: Sequence[str]
    group_by: Sequence[str]


class Taken(NamedTuple):
    """An image that the rule takes, with what it found out about it."""

    image: Image
    laterality: str
    view: str
    rank: int  # of its view, in the order in which they hang
    flags: list[Flag]


def rule_of(content: Mapping[str, Any]) -> Rule:
    table = content["cases"]
    return Rule(
        table["modalities"],
        table["body_parts"],
        table["lateralities"],
        table.get("views", []),
        table["group_by"],
    )


def problems(content: Mapping[str, Any]) -> list[str]:
    """What is wrong with a template's [cases] table, a sentence each."""
    table = content.get("cases")
    if not isinstance(table, Mapping):
        return ["It has no [cases] table."]
    wanted = ("modalities", "body_parts", "lateralities", "group_by")
    if missing := [name for name in wanted if not table.get(name)]:
        return [f"[cases] lacks {' and '.join(missing)}."]
    known = {"lateralities": LATERALITIES, "views": (*VIEWS, ""), "group_by": GROUPS}
    found = [
        f"[cases] {name}: {value!r} must be one of {', '.join(repr(v) for v in allowed)}."
        for name, allowed in known.items()
        for value in table.get(name, [])
        if value not in allowed
    ]
    if "study" not in table["group_by"]:
        found.append('[cases] group_by must begin with "study": a case is of one study at most.')
    return found


def take(rule: Rule, image: Image) -> Taken | None:
    """The image as the rule sees it; None where it is not asked for. Its modality was looked at before."""
    part = part_of(image, rule.body_parts)
    if part is None:
        return None
    side = side_of(image, expected=part.part not in UNPAIRED)
    if side.value not in rule.lateralities:
        return None
    found = [part.flag, side.flag]
    view, rank = "", 0
    if rule.views:
        view, flag = view_of(image)
        if view not in rule.views:
            return None
        found.append(flag)
        rank = rule.views.index(view)
    return Taken(image, side.value, view, rank, [flag for flag in found if flag])


def key_of(rule: Rule, taken: Taken) -> str:
    """What a case is one of in its task: all images of one key are read at once."""
    parts = {
        "study": taken.image.study_instance_uid,
        "series": taken.image.series_instance_uid,
        "laterality": taken.laterality,
        "view": taken.view,
    }
    return "/".join(parts[group] for group in GROUPS if group in rule.group_by)
