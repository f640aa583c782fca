"""What the templates say a full run is told, for benchmarks that go to the engine itself, without the platform."""

import os
import tomllib
from dataclasses import fields, replace
from typing import Any

from tests.benchmarks.figures import ROOT
from training.engine.settings import Settings

THREADS = os.cpu_count() or 2


def template(slug: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "annotation" / "templates" / f"{slug}.toml").read_text())


def settings_of(slug: str, **more: Any) -> Settings:
    known = {field.name for field in fields(Settings)}
    told = {name: value for name, value in template(slug)["training"].items() if name in known}
    return replace(Settings(threads=THREADS, **told), **more)
