"""Whatever sentence the server sends with a code, a Chinese page has in Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app

from archive.refused import CODES
from jobs.runner import KINDS

ROOT = Path(__file__).parents[2]
APPS = ("platform/accounts", "platform/jobs", "annotation", "training", "inference")
ARCHIVE = ("jobs.py", "uploads.py")  # the others' codes are of single files: texts/zh/upload.ts
TEXTS = ROOT / "frontend/src/texts"
CATALOGUES = ("server", "running", "refusals")
# sentence first, code second
SAYING = ("Said", "Trouble", "_says", "_refused", "say", "now", "verdict")
# of requests that no page makes, and whose sentence tells a program what is wrong
OF_PROGRAMS = {"malformed", "invalid", "error"}
ADDED = {
    "item",
    "metric",
}  # parameters that every sentence of its sort gets: kinds/regions.py, verdicts.py


def said(source: str) -> Iterator[tuple[str, set[str] | None]]:
    """Each code in it, with the parameters that it is sent with; None where they are not literal."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            words = {word.arg for word in node.keywords}
            sent = None if None in words else {word for word in words if word}
            if name in SAYING and len(node.args) > 1:
                yield from ((code, sent) for code in constant(node.args[1]))
            if name == "Problem":
                codes = [word.value for word in node.keywords if word.arg == "code"]
                yield from ((code, None) for of in codes for code in constant(of))
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    yield from ((code, None) for code in constant(value))


def constant(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and re.fullmatch(r"[a-z]\w+", str(node.value)):
        yield str(node.value)


def sources() -> Iterator[str]:
    paths = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    paths += [ROOT / "platform/archive" / name for name in ARCHIVE]
    return (path.read_text() for path in paths)


def chinese() -> dict[str, set[str]]:
    """The codes that pages know, each with the parameters that its sentence takes apart."""
    text = "".join((TEXTS / f"zh/{name}.ts").read_text() for name in CATALOGUES)
    found = re.findall(r"^  (\w+): (?:ofItem\()?\(?(?:\{([^}]*)\})?", text, re.M)
    return {
        code: set(re.findall(r"(\w+)(?:: \w+)?(?:,|$)", names.strip())) for code, names in found
    }


def test_every_code_that_the_server_sends_has_its_chinese_sentence() -> None:
    sent = {code for source in sources() for code, _ in said(source)}

    assert len(sent) > 120
    assert sent - chinese().keys() - OF_PROGRAMS == set()


def test_every_code_stands_in_the_table_of_the_docs() -> None:
    text = (ROOT / "docs/errors.md").read_text()
    table = set(re.findall(r"^\| (?:\d+ \| )?`(\w+)`", text, re.M))

    sent = {code for source in sources() for code, _ in said(source)}
    assert sent - table - OF_PROGRAMS == set()


def test_a_chinese_sentence_takes_only_what_the_server_sends() -> None:
    known = chinese()
    sent: dict[str, list[set[str] | None]] = {}
    for source in sources():
        for code, parameters in said(source):
            sent.setdefault(code, []).append(parameters)
    unsent = {
        code: known[code] - ADDED - set[str]().union(*(each or () for each in every))
        for code, every in sent.items()
        if code in known and None not in every
    }

    assert {code: names for code, names in unsent.items() if names} == {}


def test_whatever_is_wrong_with_a_file_from_outside_has_its_chinese_sentence() -> None:
    assert {f"file_{code}" for code in CODES} - chinese().keys() == set()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_sort_of_job_has_a_name_on_the_page(language: str) -> None:
    current_app.loader.import_default_modules()
    named = set(re.findall(r"'(\w+\.\w+)':", (TEXTS / f"{language}/jobs.ts").read_text()))

    assert {kind for kind in KINDS if not kind.startswith("test.")} <= named
