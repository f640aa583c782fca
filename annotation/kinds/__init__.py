"""The kinds of field. A new kind is one file here, in training/recipes and in frontend/src/kinds, and one line each."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from . import grade, presence


class Kind(Protocol):
    def definition_problems(self, field: Mapping[str, Any], /) -> list[str]: ...
    def value_problem(self, field: Mapping[str, Any], value: object, /) -> str | None: ...
    def value_of(self, field: Mapping[str, Any], text: str, /) -> Any: ...
    def choices(self, field: Mapping[str, Any], /) -> Sequence[int | str]: ...


KINDS: dict[str, Kind] = {"grade": grade, "presence": presence}
