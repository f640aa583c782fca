"""Sentences for people that a page can say in its own language: with a stable code and what stands in them."""

from typing import Any, Self


class Said(str):
    """Is its English sentence. `parameters` are the numbers and names in it, as JSON has them."""

    __slots__ = ("code", "parameters")
    code: str
    parameters: dict[str, Any]

    def __new__(cls, sentence: str, code: str, **parameters: Any) -> Self:
        said = super().__new__(cls, sentence)
        said.code, said.parameters = code, parameters
        return said


def within(problem: str, before: str, **more: Any) -> Said:
    """A problem as one of a part: `before` says in English which, `more` for pages."""
    return Said(f"{before}{problem}", code_of(problem), **more | parameters_of(problem))


def code_of(problem: str) -> str:
    """Without one of its own it is what only a program gets wrong."""
    return problem.code if isinstance(problem, Said) else "malformed"


def parameters_of(problem: str) -> dict[str, Any]:
    return problem.parameters if isinstance(problem, Said) else {}


def reason(problem: str) -> dict[str, Any]:
    """As the API gives it beside the sentence."""
    return {"code": code_of(problem), "parameters": parameters_of(problem)}
