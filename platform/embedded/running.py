"""The addresses of a running `manage.py up`, so that other commands on the same folder find its servers."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

NAMES = ("DATABASE_URL", "CELERY_BROKER_URL", "STORAGE_URL", "SECRET_KEY", "OSTEON_MODE")


def data_folder(given: str | None = None) -> Path:
    """The data folder: as given, as in OSTEON_DATA, or `data` beside manage.py."""
    chosen = given or os.environ.get("OSTEON_DATA") or Path(__file__).resolve().parents[2] / "data"
    return Path(chosen).expanduser().resolve()


def publish(data: Path, environment: Mapping[str, str]) -> None:
    """Write the addresses down, readable for the owner alone: the secret key is among them."""
    path = data / "run" / "environment.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({name: environment[name] for name in NAMES if name in environment}))


def withdraw(data: Path) -> None:
    (data / "run" / "environment.json").unlink(missing_ok=True)


def adopt() -> None:
    """Take over the addresses of a running platform, where the environment does not say otherwise."""
    if "DATABASE_URL" in os.environ:
        return
    try:
        known = json.loads((data_folder() / "run" / "environment.json").read_text())
    except (OSError, ValueError):
        return
    for name, value in known.items():
        os.environ.setdefault(name, value)
