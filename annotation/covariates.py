"""What models may read of a patient beside the images, where a template says so: [training] covariates = ["sex", "age"]."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from annotation import images
from annotation.kinds import REGIONS

Value = str | float
Told = dict[str, Value]  # by covariate; what is not known is not there


class Covariate(NamedTuple):
    """Read from the first image that hangs of a case. `options` empty: a number, with its unit and range."""

    label: str
    tag: str
    read: Callable[[str], Value | None]
    options: tuple[str, ...] = ()
    unit: str = ""
    least: float = 0.0
    most: float = 0.0


AGE = re.compile(r"([0-9]{3})([DWMY])")  # AS, PS3.5 6.2
IN_A_YEAR = {"D": 365.25, "W": 365.25 / 7, "M": 12, "Y": 1}


def _years(text: str) -> Value | None:
    said = AGE.fullmatch(text)
    return int(said[1]) / IN_A_YEAR[said[2]] if said else None


# The archive tells no age above 90 (archive/values.py), and keeps no date of birth.
COVARIATES: dict[str, Covariate] = {
    "sex": Covariate("sex", "00100040", str, options=("F", "M", "O")),
    "age": Covariate("age", "00101010", _years, unit="years", least=0, most=90),
}


def problems(content: Mapping[str, Any]) -> list[str]:
    """What is wrong with the covariates that a template names, a sentence each."""
    names = content.get("training", {}).get("covariates", [])
    if not isinstance(names, list):
        return ['[training] covariates must be a list of names, such as ["sex", "age"].']
    found = [
        f"[training] covariates: {name!r} is none; there are {' and '.join(COVARIATES)}."
        for name in names
        if name not in list(COVARIATES)
    ]
    if len(set(map(str, names))) < len(names):
        found.append("[training] covariates: each may be named once.")
    if names and all(field.get("kind") in REGIONS for field in content["fields"]):
        found.append(
            "[training] covariates stand beside what is asked of whole cases, and this form asks for places only;"
            " leave them out."
        )
    return found


def of_cases(cases: Iterable[int], names: Collection[str]) -> dict[int, Told]:
    """What is known of each case that has an image."""
    if not names:
        return {}
    first = images.of_cases(list(cases)).distinct(images.CASE)
    tags = (f"metadata__{COVARIATES[name].tag}__Value__0" for name in names)
    rows = first.values_list(images.CASE, *tags).iterator(chunk_size=images.CHUNK)
    return {case: _told(dict(zip(names, said, strict=True))) for case, *said in rows}


def of_image(metadata: Mapping[str, Any], names: Collection[str]) -> Told:
    """As of_cases, of an image (its DICOM JSON) that is in no case."""
    values = {name: metadata.get(COVARIATES[name].tag, {}).get("Value") for name in names}
    return _told({name: value[0] if value else None for name, value in values.items()})


def _told(said: Mapping[str, Any]) -> Told:
    values = {name: _value(COVARIATES[name], text) for name, text in said.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(of: Covariate, said: Any) -> Value | None:
    """None where the file says nothing, or what cannot be."""
    value = of.read(said) if isinstance(said, str) else None
    if isinstance(value, float | int):
        return value if of.least <= value <= of.most else None
    return value if value in of.options else None
