"""Rows of numbers by key in one file: prepared images, embeddings.

`NAME.rows` holds the rows one after another, `NAME.keys` a line for each of them in the same order, after one that says what
they are and that no other cache has. A row counts once its line is complete: whatever a killed writer left beyond that is
overwritten by the next one.
"""

import fcntl
import os
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

MADE = "made "  # what follows is of no other cache


class Rows:
    """The rows of a cache's file, each read when it is indexed.

    The map is made anew each time: every page that a lasting one ever touched counts as this process's memory, until in the end
    the whole file does. The file stays open, so that these rows can be read when the cache has been removed.
    """

    def __init__(
        self, path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], inode: int | None = None
    ) -> None:
        """inode: of the file that is meant; FileNotFoundError where another one has its name now."""
        self.path, self.shape, self.dtype = path, shape, dtype
        self._file = path.open("rb") if shape[0] else None
        if self._file and inode not in (None, self._inode()):
            raise FileNotFoundError(f"The cache {path} was removed and made anew meanwhile.")

    def __reduce__(self) -> tuple[Any, ...]:
        return Rows, (self.path, self.shape, self.dtype, self._inode())

    def _inode(self) -> int | None:
        return os.fstat(self._file.fileno()).st_ino if self._file else None

    def __del__(self) -> None:
        if (file := getattr(self, "_file", None)) is not None:
            file.close()

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """(N, *shape) copied into memory."""
        if not len(rows) or self._file is None:
            return np.zeros((0, *self.shape[1:]), dtype=self.dtype)
        return np.array(np.memmap(self._file, dtype=self.dtype, mode="r", shape=self.shape)[rows])


class ArrayCache:
    """Append-only; any number of processes may read and write it at once."""

    def __init__(self, folder: Path, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        self.shape, self.dtype = tuple(shape), np.dtype(dtype)
        self._row_bytes = int(np.prod(self.shape)) * self.dtype.itemsize
        folder.mkdir(parents=True, exist_ok=True)
        self._rows_path, self._keys_path = folder / f"{name}.rows", folder / f"{name}.keys"
        self._lock_path = folder / f"{name}.lock"
        self._told = f"{'x'.join(map(str, self.shape))} {self.dtype.str}"
        self._index: dict[str, int] = {}
        self._read_to = 0  # bytes of the key file that are in the index
        self._first = b""  # its first line
        with self._locked():
            self._ready()

    def missing(self, keys: Sequence[str]) -> list[str]:
        """The keys, each once, that have no row yet."""
        with self._locked(fcntl.LOCK_SH):
            self._refresh()
        return [key for key in dict.fromkeys(keys) if key not in self._index]

    def put(self, keys: Sequence[str], rows: NDArray[Any]) -> None:
        """Append rows; a key that has one already keeps it. ValueError if the rows do not fit this cache."""
        if rows.shape != (len(keys), *self.shape):
            raise ValueError(
                f"{len(keys)} rows of shape {self.shape} were expected, not {rows.shape}."
            )
        if any("\n" in key or not key for key in keys):
            raise ValueError("A cache key must be one non-empty line.")
        with self._locked():
            self._ready()
            new = {key: at for at, key in enumerate(keys) if key not in self._index}
            if not new:
                return
            with self._rows_path.open("r+b") as file:
                file.seek(len(self._index) * self._row_bytes)
                file.write(
                    np.ascontiguousarray(rows[list(new.values())], dtype=self.dtype).tobytes()
                )
                _flush(file)
            with self._keys_path.open("r+b") as file:
                file.seek(self._read_to)
                file.truncate()  # a line that a killed writer left half done
                file.write(b"".join(_line(key) for key in new))
                _flush(file)
            self._refresh()

    def rows(self, keys: Sequence[str]) -> NDArray[Any]:
        """(N, *shape) copied into memory, in the order of the keys. KeyError for one without a row."""
        array, indices = self.array_for(keys)
        return array[indices]

    def array_for(self, keys: Sequence[str]) -> tuple[Rows, NDArray[np.int64]]:
        """All rows and where among them each key stands: nothing is read until it is indexed. KeyError as of `rows`."""
        with self._locked(fcntl.LOCK_SH):
            self._refresh()
            indices = np.array([self._index[key] for key in keys], dtype=np.int64)
            return Rows(self._rows_path, (len(self._index), *self.shape), self.dtype), indices

    @classmethod
    def remove(cls, folder: Path, name: str, unless_since: float) -> int:
        """Remove a cache's rows unless something was written into them since then (seconds since 1970); the bytes freed.

        Who opened it before finds it empty. Its lock stays: others may wait for it.
        """
        rows, keys, lock = (folder / f"{name}.{part}" for part in ("rows", "keys", "lock"))
        with lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = [path for path in (keys, rows) if path.exists()]
            if any(path.stat().st_mtime >= unless_since for path in known):
                return 0
            size = sum(path.stat().st_size for path in known)
            for path in known:
                path.unlink()
        return size

    def _ready(self) -> None:
        """Under the lock: made where it is not there, or not any more."""
        try:
            with self._keys_path.open("rb") as file:
                first = file.readline()
        except FileNotFoundError:
            first = b""
        # what was made by an earlier release has no mark of its own
        if first != _line(self._told) and not first[9:].startswith(f"{self._told} {MADE}".encode()):
            self._start()
        self._refresh()

    def _start(self) -> None:
        if self._keys_path.exists() and _complete_lines(self._keys_path.read_bytes()):
            raise ValueError(
                f"The cache {self._keys_path} was made for other rows than {self.shape} {self.dtype}; "
                "use another name or delete it."
            )
        self._rows_path.touch()
        self._keys_path.write_bytes(_line(f"{self._told} {MADE}{uuid.uuid4()}"))

    def _refresh(self) -> None:
        """Take in what was written since; forget all where the cache was removed, or made anew."""
        try:
            file = self._keys_path.open("rb")
        except FileNotFoundError:
            self._index, self._read_to, self._first = {}, 0, b""
            return
        with file:
            first = file.readline()
            if first != self._first:
                self._index, self._read_to, self._first = {}, len(first), first
            file.seek(self._read_to)
            tail = file.read()
        for line in _complete_lines(tail):
            self._read_to += len(line)
            self._index.setdefault(line[9:-1].decode(), len(self._index))

    @contextmanager
    def _locked(self, how: int = fcntl.LOCK_EX) -> Iterator[None]:
        with self._lock_path.open("a") as file:
            fcntl.flock(file, how)
            yield


def _line(text: str) -> bytes:
    content = text.encode()
    return b"%08x %s\n" % (zlib.crc32(content), content)


def _complete_lines(content: bytes) -> list[bytes]:
    """Lines up to the first that is torn or does not carry its own checksum."""
    lines = []
    for text in content.split(b"\n")[:-1]:
        if text[:9] != b"%08x " % zlib.crc32(text[9:]):
            break
        lines.append(text + b"\n")
    return lines


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
