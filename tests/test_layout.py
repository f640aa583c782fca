"""The house's rules that no linter can see."""

import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField, Model

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ["accounts", "jobs", "archive", "annotation", "training", "inference"]  # lowest first
GIVEN = {
    "manage.py", "platform", "annotation", "training", "inference", "frontend", "tests", "docker", "docs",
}  # fmt: skip
ROOT_FILES = {
    ".ci", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "LICENSE", "Makefile", "README.md",
    "constraints.txt", "pyproject.toml", ".dockerignore",
}  # fmt: skip


def tracked() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listing.stdout.splitlines() if (ROOT / name).exists()]


def upward_relations(models: list[type[Model]]) -> list[str]:
    """Relations that point from a stage to one above it; import-linter cannot see those written as strings."""
    wrong = []
    for model in models:
        label = model._meta.app_label
        for field in model._meta.get_fields():
            if not isinstance(field, ForeignKey | ManyToManyField):
                continue
            target = field.related_model
            other = target._meta.app_label if isinstance(target, type) else str(target)
            if other in LAYERS and LAYERS.index(other) > LAYERS.index(label):
                wrong.append(f"{label}.{model.__name__}.{field.name} -> {other}")
    return wrong


def test_platform_is_never_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert platform.system()


def test_platform_of_the_standard_library_is_found_from_the_root() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.system())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == platform.system()


def test_foreign_keys_point_down() -> None:
    ours = [m for m in apps.get_models() if m._meta.app_label in LAYERS]
    assert ours
    assert upward_relations(ours) == []


def test_an_upward_foreign_key_is_noticed() -> None:
    from annotation.models import Task
    from training.models import ModelVersion

    field = Task._meta.get_field("name")
    wrong: Any = ForeignKey(ModelVersion, on_delete=lambda *_: None)
    wrong.name = "best"
    wrong.remote_field.model = ModelVersion

    class Provoked:
        _meta = type("Meta", (), {"app_label": "annotation", "get_fields": lambda: [field, wrong]})
        __name__ = "Provoked"

    assert upward_relations([Provoked]) == ["annotation.Provoked.best -> training"]  # type: ignore[list-item]


def test_the_top_level_holds_what_the_design_names() -> None:
    top = {name.split("/")[0] for name in tracked()}
    assert top - GIVEN - ROOT_FILES == set()


def test_no_signal_receivers() -> None:
    pattern = re.compile(r"@receiver\(|(pre|post)_(save|delete)\.connect")
    files = [f for f in tracked() if f.endswith(".py") and not f.startswith("tests/")]
    assert [f for f in files if pattern.search((ROOT / f).read_text())] == []


@pytest.mark.parametrize("suffix", [".py", ".ts", ".tsx"])
def test_files_stay_short(suffix: str) -> None:
    files = [f for f in tracked() if f.endswith(suffix) and "/migrations/" not in f]
    too_long = {f: n for f in files if (n := (ROOT / f).read_text().count("\n")) > 400}
    assert too_long == {}


def test_the_lock_file_names_no_host() -> None:
    lock = ROOT / "frontend" / "package-lock.json"
    assert '"resolved"' not in lock.read_text()


def test_the_web_process_never_loads_torch() -> None:
    program = "import config.asgi, sys; from django.urls import get_resolver; get_resolver().url_patterns; print('torch' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = ['.', 'platform']; {program}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip().endswith("False")
