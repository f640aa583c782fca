"""The codes that templates may use, with their meanings: annotation/codes.toml.

A template names a code by scheme and value ("99MSK:KL0"); a form that is published from it holds the whole code, as a
DICOM code sequence has it.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("codes.toml")


@cache
def table() -> dict[str, dict[str, Any]]:
    """By scheme: {"version", "meanings": {value: meaning}}; a public scheme has no version here."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def code(named: str) -> dict[str, str]:
    """The code of "scheme:value"; LookupError where the table has none."""
    scheme, _, value = named.partition(":")
    of_scheme = table()[scheme]
    found = {"value": value, "scheme": scheme, "meaning": of_scheme["meanings"][value]}
    return found | ({"version": of_scheme["version"]} if "version" in of_scheme else {})


def spelled_out(content: Any) -> Any:
    """Template data with each `code = "scheme:value"`, and each in a table `codes`, replaced by the whole code."""
    if isinstance(content, list):
        return [spelled_out(one) for one in content]
    if not isinstance(content, dict):
        return content
    return {key: _value(key, value) for key, value in content.items()}


def _value(key: str, value: Any) -> Any:
    if key == "code" and isinstance(value, str):
        return code(value)
    if key == "codes" and isinstance(value, dict):
        return {name: code(named) for name, named in value.items()}
    return spelled_out(value)
