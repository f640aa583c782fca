"""Figures of the benchmarks: printed beside their limit, kept in build/bench.json and docs/benchmarks.md."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
JSON = ROOT / "build" / "bench.json"
PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Figure:
    """One measured number; `limit` is what the project promises, "≤ 250" or "≥ 60"."""

    key: str
    value: float
    limit: str = ""
    what: str = ""

    @property
    def holds(self) -> bool | None:
        if not self.limit:
            return None
        sign, bound = self.limit.split()
        return self.value <= float(bound) if sign == "≤" else self.value >= float(bound)

    @property
    def verdict(self) -> str:
        return {True: "held", False: "MISSED", None: ""}[self.holds]


def told(of: Mapping[str, Any]) -> str:
    """A measured figure with its interval."""
    return f"{of['value']:.3f} ({of['low']:.3f} to {of['high']:.3f})"


def show(figures: list[Figure]) -> None:
    width = max(len(figure.key) for figure in figures)
    for figure in figures:
        print(
            f"{figure.key:<{width}}  {figure.value:>10.4g}  {figure.limit:<8} {figure.verdict:<7} {figure.what}"
        )


def save(figures: list[Figure]) -> None:
    """Merge into build/bench.json: one flat object of key → number."""
    known = json.loads(JSON.read_text()) if JSON.exists() else {}
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(
        json.dumps(known | {f.key: f.value for f in figures}, indent=1, sort_keys=True) + "\n"
    )


def machine() -> str:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "unknown processor",
    )
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model}), {gigabytes:.0f} GB, {_card()}"


def _card() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"


def write_page(name: str, figures: list[Figure], notes: str) -> None:
    """Replace the section of this benchmark in docs/benchmarks.md."""
    rows = "\n".join(
        f"| `{f.key}` | {f.value:.4g} | {f.limit or '–'} | {f.verdict or '–'} | {f.what} |"
        for f in figures
    )
    load = os.getloadavg()[0]
    section = (
        f"## {name}\n\n`make bench ONLY={name}` · {datetime.now(UTC):%Y-%m-%d} · {machine()} · load {load:.1f} at the end\n\n"
        f"| key | measured | promised | | what |\n|---|---|---|---|---|\n{rows}\n\n{notes.strip()}\n"
    )
    page = (
        PAGE.read_text()
        if PAGE.exists()
        else "# Benchmarks\n\nWritten by `make bench`; do not edit by hand.\n"
    )
    pattern = re.compile(rf"^## {re.escape(name)}\n.*?(?=^## |\Z)", re.M | re.S)
    page = pattern.sub("", page).rstrip() + "\n\n" + section
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page)
