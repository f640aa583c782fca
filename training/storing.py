"""Files that are always whole, and files that are named by their hash; knows neither Django nor torch."""

import hashlib
import os
import tempfile
from pathlib import Path


def store(folder: Path, content: bytes) -> tuple[Path, str]:
    """Write `content` under its own hash, whole or not at all; a damaged file of that name is replaced."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / f"{sha256}.safetensors"
    if not path.exists() or path.read_bytes() != content:
        write_atomically(path, content)
    return path, sha256


def write_atomically(path: Path, content: bytes) -> None:
    """After a crash at any moment `path` is either as before or complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".writing-", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
