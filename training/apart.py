"""From a stored image to the square that networks read: here, or in a process of its own, which a bad file may end."""

import multiprocessing
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, TypeVar

import django
import numpy as np
from numpy.typing import NDArray

from archive.limits import MEMORY_BYTES, WALL_SECONDS
from archive.models import Instance
from archive.pixels import Grey, Undecodable, file_of, grey
from training.engine.images import Crop, prepare

Square = NDArray[np.uint8]
T = TypeVar("T")


class Cut(NamedTuple):
    """How a square is made of an image."""

    frame: int
    mirror: bool
    size: int
    crop: Crop | None = None


class Read(Protocol):
    def __call__(self, instance: Instance, how: Cut, data: bytes | None = None, /) -> Square:
        """(size, size); `data`: the file's bytes, where it does not lie in the store."""


class ReadPlane(Protocol):
    def __call__(self, instance: Instance, frame: int, data: bytes | None = None, /) -> Grey:
        """(rows, columns), as archive.pixels.grey; `data`: as of Read."""


KILLED = "It is damaged in a way that ended the program reading it; send it again from the source."
TOO_LONG = "It takes longer to decode than any sound image does."


@contextmanager
def reader(*, apart: bool) -> Iterator[Read]:
    """What reads one image: in this process, or `apart`, one at a time."""
    if not apart:
        yield square
        return
    child = _Child()
    try:
        yield child.square
    finally:
        child.end()


@contextmanager
def planes(*, apart: bool) -> Iterator[ReadPlane]:
    """As reader, of what reads one plane of a volume."""
    if not apart:
        yield grey
        return
    child = _Child()
    try:
        yield child.plane
    finally:
        child.end()


def square(instance: Instance, how: Cut, data: bytes | None = None) -> Square:
    pixels = grey(instance, how.frame, data)
    return prepare(pixels, mirror=how.mirror, size=how.size, crop=how.crop)


class _Child:
    """A process that is started when it is needed and again after it died. It is given bytes and opens nothing."""

    def __init__(self) -> None:
        self.pool: ProcessPoolExecutor | None = None

    def square(self, instance: Instance, how: Cut, data: bytes | None = None) -> Square:
        return self._ask(square, instance, how, file_of(instance) if data is None else data)

    def plane(self, instance: Instance, frame: int, data: bytes | None = None) -> Grey:
        return self._ask(grey, instance, frame, file_of(instance) if data is None else data)

    def _ask(self, work: Callable[..., T], *about: Any) -> T:
        """Raises Undecodable where the process ends or does not answer, else what decoding raises."""
        if self.pool is None:
            spawn = multiprocessing.get_context("spawn")
            self.pool = ProcessPoolExecutor(1, spawn, initializer=django.setup)
        asked = self.pool.submit(_limited, work, *about)
        try:
            return asked.result(WALL_SECONDS)
        except BrokenProcessPool:
            self.end()
            raise Undecodable(KILLED) from None
        except TimeoutError:
            self.end()
            raise Undecodable(TOO_LONG) from None

    def end(self) -> None:
        if self.pool is None:
            return
        for process in list((self.pool._processes or {}).values()):
            process.kill()
        self.pool.shutdown(cancel_futures=True)
        self.pool = None


def _limited(work: Callable[..., T], *about: Any) -> T:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return work(*about)
