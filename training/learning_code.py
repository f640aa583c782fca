"""Which code learns, told without loading it: the web process has to know as well."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

ELSE = ("api", "migrations")  # folders that tell of trainings and keep them


@cache
def code() -> dict[str, str]:
    """The release, a hash over the learning code's own files, and the library beneath."""
    digest, here = hashlib.sha256(), Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        name = path.relative_to(here)
        if name.parts[0] not in ELSE:
            digest.update(name.as_posix().encode() + b"\0" + path.read_bytes())
    return {
        "release": str(settings.VERSION),
        "sha256": digest.hexdigest(),
        "torch": version("torch"),
    }
