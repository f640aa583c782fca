"""From a case to what its model reads: prepared squares, or their embeddings, each made once and kept on disk.

A form whose training has `images = "all"` reads every image of a case, of a long series so many slices evenly spread;
any other reads the first. The caches hold rows by keys that name everything which
could change them: the pixels' hash, the mirroring, the version of the preparation, the size, the encoder's hash.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from errno import ENOENT
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from annotation.images import Image, all_images, first_images
from archive.models import Instance
from training.apart import Cut, reader
from training.engine.cache import ArrayCache
from training.engine.dense.seeing import Dense
from training.engine.encoder import Encoder
from training.engine.images import PREPARATION, Crop
from training.recipes.place import Place

Report = Callable[[int, int], None]  # done, of how many
Failures = dict[str, str]  # key of a picture that could not be read → why, for people
CHUNK = 32  # pictures between two writes to the caches, and between two looks at whether to stop
AHEAD = 3  # chunks that are decoded while the network is busy with one
DECODERS = 2
FIRST, ALL = "first", "all"
SLICES = 24  # of a series, where the form says no other number
SAGITTAL = "sagittal"
SLICED = ("CT", "MR", "PT")  # modalities whose images lie one behind the other
Frame = tuple[Image, int]


@dataclass(frozen=True)
class Picture:
    """A frame that is read by a case's model."""

    case: int
    instance: int  # its id: rows with their DICOM metadata are held for a few images at a time only
    pixel_hash: str
    mirror: bool
    size: int
    place: Place
    frame: int = 0
    crop: Crop | None = None  # the part of it that is read

    @property
    def key(self) -> str:
        side = "mirrored" if self.mirror else "asis"
        frame = f"-frame{self.frame}" if self.frame else ""
        crop = f"-crop{','.join(map(str, self.crop))}" if self.crop else ""
        return f"{self.pixel_hash}{frame}{crop}-{side}-{PREPARATION}-{self.size}"

    @property
    def cut(self) -> Cut:
        return Cut(self.frame, self.mirror, self.size, self.crop)


Bag = tuple[Picture, ...]  # of one case, in the order in which its images hang


def pictures(
    cases: Iterable[int], training: Mapping[str, Any], sides: Mapping[int, str] | None = None
) -> dict[int, Bag]:
    """What is read of each case that has an image; `training` is the part of that name of the task's form.

    `sides`: by case, the side of its reference, which a reader may have settled against the tag; of a case that is not
    there its own side counts.
    """
    several = training.get("images", FIRST) == ALL
    rows = all_images(list(cases)) if several else first_images(list(cases))
    return chosen(rows, training, sides)


def chosen(
    images: Iterable[Image], training: Mapping[str, Any], sides: Mapping[int, str] | None = None
) -> dict[int, Bag]:
    """As pictures, of images at hand: case by case, in the order in which they hang."""
    size, mirrored, sides = int(training["size"]), training.get("mirror") or None, sides or {}
    several = training.get("images", FIRST) == ALL
    found: dict[int, list[Picture]] = {}
    for rows in _series(images):
        frames = [(row, frame) for row in rows for frame in range(row.frames if several else 1)]
        for (row, frame), beside in _spread(frames, int(training.get("slices", SLICES))):
            # Front and back are no sides: of sagittal slices only their order is a mirrored one.
            mirror = row.plane != SAGITTAL and sides.get(row.case, row.laterality) == mirrored
            place = _place(row, frame, mirror, [(one.uid, n + 1) for one, n in beside])
            found.setdefault(row.case, []).append(
                Picture(row.case, row.instance, row.pixel_hash, mirror, size, place, frame)
            )
    return {case: tuple(bag) for case, bag in found.items()}


def _series(rows: Iterable[Image]) -> Iterator[list[Image]]:
    """The images of one series of one case at a time."""
    for _, part in groupby(rows, key=lambda row: (row.case, row.series)):
        yield list(part)


def _spread(frames: list[Frame], most: int) -> Iterator[tuple[Frame, list[Frame]]]:
    """Each that is read, and those that are not and lie nearest to it."""
    read = np.linspace(0, len(frames) - 1, min(most, len(frames))).round().astype(int)
    nearest = np.abs(np.arange(len(frames))[:, None] - read).argmin(1)
    for number, at in enumerate(read.tolist()):
        like = np.flatnonzero(nearest == number).tolist()
        yield frames[at], [frames[n] for n in like if n != at]


def _place(row: Image, frame: int, mirror: bool, beside: Sequence[tuple[str, int]]) -> Place:
    stack = str(row.series) if row.modality in SLICED or row.frames > 1 else ""
    size = (row.rows, row.columns)
    sagittal = row.plane == SAGITTAL
    return Place(row.uid, frame + 1, *size, mirror, stack, row.spacing, tuple(beside), sagittal)


def images(
    wanted: Sequence[Picture], report: Report, failures: Failures, *, apart: bool = False
) -> ArrayCache:
    """The cache that holds the prepared squares of all wanted pictures, but for the failures.

    `apart`: files are decoded in a process of their own, which one of them may end (training/apart.py).
    """
    cache = image_cache(_size(wanted))
    missing = _missing(cache, wanted)
    done = len(wanted) - len(missing)
    for part in _prepared(missing, cache, failures, apart):
        done += part.taken
        report(done, len(wanted))
    return cache


def embeddings(
    wanted: Sequence[Picture],
    encoder: Encoder,
    report: Report,
    failures: Failures,
    *,
    apart: bool = False,
) -> ArrayCache:
    """The cache that holds the embeddings of all wanted pictures, but for the failures. `apart`: as of images.

    The network never waits for a disk: files are decoded by threads while it works on those before them, and what it
    found is written by another.
    """
    cache = embedding_cache(encoder)
    missing = _missing(cache, wanted)
    done = len(wanted) - len(missing)
    writes: list[Future[None]] = []
    with ThreadPoolExecutor(1, thread_name_prefix="write") as writer:
        for part in _prepared(missing, image_cache(_size(wanted)), failures, apart):
            if part.keys:
                writes.append(writer.submit(cache.put, part.keys, encoder.embed(part.squares)))
            done += part.taken
            report(done, len(wanted))
    for write in writes:
        write.result()
    return cache


def image_cache(size: int) -> ArrayCache:
    return ArrayCache(
        Path(settings.CACHE_FOLDER), f"images-{PREPARATION}-{size}", (size, size), np.uint8
    )


def embedding_cache(encoder: Encoder) -> ArrayCache:
    name = f"embeddings-{encoder.sha256}"
    return ArrayCache(Path(settings.CACHE_FOLDER), name, (encoder.width,), np.float32)


def map_cache(encoder: Encoder, dense: Dense, size: int) -> ArrayCache:
    name = f"maps-{encoder.sha256}-{dense.sha256(encoder)}-{size}"
    return ArrayCache(Path(settings.CACHE_FOLDER), name, dense.shape(encoder, size), np.float16)


@dataclass(frozen=True)
class _Part:
    keys: list[str]
    squares: NDArray[np.uint8]  # (len(keys), size, size)
    taken: int  # pictures that were tried


def _prepared(
    wanted: Sequence[Picture], cache: ArrayCache, failures: Failures, apart: bool
) -> Iterator[_Part]:
    """Prepared squares chunk by chunk, in order; the next chunks are being decoded and kept meanwhile.

    One thread alone touches the cache, so that its index has one owner.
    """
    absent = set(cache.missing([picture.key for picture in wanted]))
    chunks = deque(wanted[at : at + CHUNK] for at in range(0, len(wanted), CHUNK))
    under_way: deque[Future[_Part]] = deque()
    with (
        ThreadPoolExecutor(1, thread_name_prefix="collect") as collector,
        ThreadPoolExecutor(1 if apart else DECODERS, thread_name_prefix="decode") as decoders,
        reader(apart=apart) as read,
    ):
        while chunks or under_way:
            while chunks and len(under_way) < AHEAD:
                chunk = chunks.popleft()
                new = [picture for picture in chunk if picture.key in absent]
                found = Instance.objects.in_bulk([picture.instance for picture in new])
                squares = {
                    picture.key: decoders.submit(read, found[picture.instance], picture.cut)
                    for picture in new
                }
                under_way.append(collector.submit(_collect, chunk, squares, cache, failures))
            yield under_way.popleft().result()


def _collect(
    chunk: Sequence[Picture],
    squares: Mapping[str, Future[NDArray[np.uint8]]],
    cache: ArrayCache,
    failures: Failures,
) -> _Part:
    """Keep the new squares of a chunk and give all of it that could be read."""
    fresh: dict[str, NDArray[np.uint8]] = {}
    for key, square in squares.items():
        try:
            fresh[key] = square.result()
        except Exception as problem:  # a damaged file may fail in many ways; the others go on
            if is_of_the_disk(problem):
                raise
            failures[key] = f"{type(problem).__name__}: {problem}"[:300]
    if fresh:
        cache.put(list(fresh), np.stack(list(fresh.values())))
    good = [picture.key for picture in chunk if picture.key not in failures]
    if len(good) == len(fresh):
        return _Part(good, np.stack([fresh[key] for key in good]) if good else _NONE, len(chunk))
    return _Part(good, cache.rows(good), len(chunk))


def is_of_the_disk(problem: Exception) -> bool:
    """Whether the system failed to read, rather than the file to be sound: decoders' own OSErrors have no number."""
    cause = problem.__cause__ or problem
    return isinstance(cause, OSError) and cause.errno not in (None, ENOENT)


_NONE = np.zeros((0, 1, 1), dtype=np.uint8)


def _missing(cache: ArrayCache, wanted: Sequence[Picture]) -> list[Picture]:
    """One picture for each key that has no row yet: equal pixels are read once."""
    by_key = {picture.key: picture for picture in wanted}
    return [by_key[key] for key in cache.missing(list(by_key))]


def _size(wanted: Sequence[Picture]) -> int:
    return wanted[0].size if wanted else 1
