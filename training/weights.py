"""The store of weight files, each named by its SHA-256; checked before any use."""

import hashlib
from pathlib import Path

from django.conf import settings

from accounts.said import Said
from training import storing


class BadWeights(Exception):
    """The file is missing or is not what its name says. The message is one plain sentence (see accounts.said.said_by)."""


class Lost(BadWeights):
    """Of a file that is missing, or whose bytes are others than those that were stored."""


def folder() -> Path:
    return Path(settings.WEIGHTS_FOLDER)


def path_of(sha256: str) -> Path:
    return folder() / f"{sha256}.safetensors"


def store(content: bytes) -> str:
    """Keep a file; its SHA-256."""
    return storing.store(folder(), content)[1]


def lost(sha256: str) -> bool:
    try:
        checked(sha256)
    except Lost:
        return True
    return False


def there(sha256: str) -> Path:
    """The path of stored weights, whose bytes are not looked at; raises Lost."""
    path = path_of(sha256)
    if not path.is_file():
        gone = f"The weight file {sha256[:12]}… is missing from {folder()}."
        raise Lost(Said(gone, "weights_missing", sha256=sha256[:12], folder=str(folder())))
    return path


def checked(sha256: str) -> Path:
    """The path of stored weights whose bytes were just proved; raises Lost."""
    path = there(sha256)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        changed = (
            f"The weight file {sha256[:12]}… was changed after it was stored: its SHA-256 differs."
        )
        raise Lost(Said(changed, "weights_changed", sha256=sha256[:12]))
    return path
