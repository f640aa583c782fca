"""Sources side by side: what they agree on, or why nothing can be said."""

from collections.abc import Mapping
from typing import NamedTuple

from annotation.flags import Flag


class Verdict(NamedTuple):
    value: str  # "" where it is unclear
    flag: Flag | None = None


def compare(said: Mapping[str, str], conflict: str, unknown: Flag | None) -> Verdict:
    """The one value that all sources name which name any; `said`: source → value, "" where it is silent.

    Two values are a conflict, flagged with that code; silence gives the flag `unknown`.
    """
    spoken = {source: value for source, value in said.items() if value}
    if not spoken:
        return Verdict("", unknown)
    if len(set(spoken.values())) == 1:
        return Verdict(next(iter(spoken.values())))
    text = ", ".join(f"{source} says {_shown(value)}" for source, value in spoken.items())
    sentence = f"{text[0].upper()}{text[1:]}."
    return Verdict("", {"code": conflict, "sentence": sentence, "said": spoken})


def _shown(value: str) -> str:
    names = {"R": "right", "L": "left", "B": "both"}
    return names.get(value, value if value in ("AP", "PA") else value.lower())
