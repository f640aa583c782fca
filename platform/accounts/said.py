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


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 case", "2 cases"; `many` where an s does not do."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def there_are(number: int, one: str = "", many: str = "") -> str:
    """ "there is 1 case", "there are 2 cases"; without a noun "there are 2"."""
    noun = counted(number, one, many) if one else str(number)
    return f"there {'is' if number == 1 else 'are'} {noun}"


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


def kept(sentence: str) -> dict[str, Any]:
    """As it is stored beside the sentence: empty where a page can only show that."""
    return reason(sentence) if isinstance(sentence, Said) else {}


def part(sentence: str) -> dict[str, Any]:
    """A sentence as a parameter of another one."""
    return {"sentence": str(sentence), **kept(sentence)}


def restored(sentence: str, kept: dict[str, Any]) -> str:
    """What `kept` was made of."""
    return Said(sentence, kept["code"], **kept["parameters"]) if kept else sentence


def said_by(problem: Exception) -> str:
    """What an exception says, with its code where it has one: as the argument or, where its class knows nothing of
    this, as `code` and `parameters` of its own."""
    if problem.args and isinstance(problem.args[0], Said):
        return problem.args[0]
    code, parameters = getattr(problem, "code", ""), getattr(problem, "parameters", None)
    return (
        Said(str(problem), code, **parameters) if code and parameters is not None else str(problem)
    )
