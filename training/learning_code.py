"""Which code learns, told without loading it: the web process has to know as well."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

LEARNING = ("engine", "networks", "recipes")


@cache
def code() -> dict[str, str]:
    """The release, a hash over the learning code's own files, and the library beneath."""
    digest = hashlib.sha256()
    for folder in LEARNING:
        for path in sorted((Path(__file__).parent / folder).rglob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return {
        "release": str(settings.VERSION),
        "sha256": digest.hexdigest(),
        "torch": version("torch"),
    }
