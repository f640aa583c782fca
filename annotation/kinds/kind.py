"""What a kind of field must be able to do."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Field = Mapping[str, Any]
Figures = dict[str, float | None]  # by the measure's name; None where it is not defined


class Kind(Protocol):
    def definition_problems(self, field: Field, /) -> list[str]:
        """What is wrong with the definition of a field of this kind; empty when nothing is."""

    def value_problem(self, field: Field, value: object, /, complete: bool = False) -> str | None:
        """Why `value` is no answer to this field, or None. A draft may lack what a `complete` answer has."""

    def value_of(self, field: Field, text: str, /) -> Any:
        """The value written in a cell of a table; ValueError with a sentence when it is none."""

    def columns(self, slot: str, field: Field, /) -> list[str]:
        """The names of the columns that an export gives to a slot."""

    def cells(self, field: Field, value: Any, /) -> list[Any]:
        """An answered value in these columns."""

    def agreement(self, field: Field, first: Sequence[Any], second: Sequence[Any], /) -> Figures:
        """How far two readers agree on the cases that both answered, value n of each on the same case."""
