import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from embedded import bootstrap
from embedded.process import CannotStart

BASE = Path(__file__).resolve().parents[2]
SCRIPT = BASE / "platform" / "embedded" / "bootstrap.py"


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((BASE / "pyproject.toml").read_text())["project"]
    wanted = {
        name_of(each)
        for each in [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    }
    lines = (BASE / "constraints.txt").read_text().splitlines()
    pinned = {name_of(line) for line in lines if "==" in line}

    assert len(pinned) == len(lines)
    assert wanted - pinned == set()


def test_an_older_python_gets_one_sentence_instead_of_a_syntax_error() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 8))
    source = SCRIPT.read_text().replace("(3, 11)", "(9, 0)")

    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert re.fullmatch(r"Osteon needs Python 3\.11 or newer, this is 3\.\d+: .*\n", done.stderr)


def test_it_runs_with_nothing_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "ERROR: Could not find a version\nERROR: No matching distribution found for torch==9.9 (from -c x)",
            "the package torch==9.9 could not be found",
        ),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("Retrying after connection broken by ConnectionError", "no network"),
        ("npm error code E404\nnpm error not there", "npm reports E404"),
        ("Collecting\nerror: something nobody has seen\nbye", "error: something nobody has seen"),
        ("", "it said nothing"),
    ],
)
def test_it_says_in_plain_words_what_went_wrong(tmp_path: Path, words: str, sentence: str) -> None:
    log = tmp_path / "pip.log"
    log.write_text(words)
    assert bootstrap.cause(log) == sentence


def test_a_step_that_fails_ends_in_one_sentence_with_its_log() -> None:
    program = "print('ERROR: No matching distribution found for nothing-of-this-name'); raise SystemExit(1)"

    with pytest.raises(CannotStart) as failure:
        bootstrap.command(
            [sys.executable, "-c", program],
            "test-bootstrap",
            "a Python package",
            cure="check the network",
        )

    assert str(failure.value) == (
        "Could not get a Python package: the package nothing-of-this-name could not be found; "
        "check the network (details in build/logs/test-bootstrap.log)."
    )
    (bootstrap.LOGS / "test-bootstrap.log").unlink()


def test_a_program_that_is_not_there_is_a_failure_and_no_traceback() -> None:
    assert not bootstrap.runs(["/nowhere/at/all"])


@pytest.mark.parametrize(
    ("version", "enough"), [("v20.20.2", False), ("v22.18.0", True), ("v24.1.0", True)]
)
def test_node_is_taken_from_the_path_only_when_the_pages_build_with_it(
    tmp_path: Path, version: str, enough: bool
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    assert bootstrap.new_enough(str(node)) is enough


def test_a_changed_source_changes_the_stamp(tmp_path: Path) -> None:
    source = BASE / "build" / "test-source"
    source.parent.mkdir(exist_ok=True)
    source.write_text("one")
    first = bootstrap.digest([source])
    source.write_text("two")
    second = bootstrap.digest([source])
    source.unlink()

    assert first != second
    assert bootstrap.digest([source], "more") != bootstrap.digest([source])


def test_no_host_of_a_package_registry_is_named_anywhere() -> None:
    files = [
        "Makefile",
        ".ci/run",
        "constraints.txt",
        "pyproject.toml",
        "frontend/package-lock.json",
    ]
    files += ["docker/Dockerfile", "docker/compose.yaml", str(SCRIPT.relative_to(BASE))]
    text = "\n".join((BASE / name).read_text() for name in files if (BASE / name).exists())

    assert (
        re.findall(r"https?://[^\s\"']*(?:pypi|npmjs|pytorch|registry|simple)[^\s\"']*", text) == []
    )


def test_the_lock_file_of_the_pages_knows_every_platform() -> None:
    packages = json.loads((BASE / "frontend" / "package-lock.json").read_text())["packages"]
    known = {path.rpartition("node_modules/")[2] for path in packages}
    wanted = {
        name for package in packages.values() for name in package.get("optionalDependencies", {})
    }

    # npm leaves out what its registry does not offer for this machine, and `npm ci` then refuses the file.
    assert wanted - known == set()
