"""The conformance statement names every code that a refusal can have."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATEMENT = ROOT / "docs" / "archive.md"


def codes_in(source: str) -> Iterator[str]:
    """Those that stand in the code as Refused(…, code="…")."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
            for keyword in node.keywords:
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)


def test_each_code_of_a_refusal_stands_in_the_conformance_statement() -> None:
    statement = STATEMENT.read_text(encoding="utf-8")
    sources = (ROOT / "platform" / "archive").rglob("*.py")
    used = {code for path in sources for code in codes_in(path.read_text(encoding="utf-8"))}
    assert {code for code in used if f"`{code}`" not in statement} == set()


def test_codes_are_found_where_they_are_used() -> None:
    assert list(codes_in('raise Refused("is cut off; send it again.", code="cut_off")')) == [
        "cut_off"
    ]
