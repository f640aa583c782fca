"""From a case to the volume that its model reads: its longest regular stack, prepared once and kept on disk.

As the pictures of pictures.py: rows of caches by keys that name everything which could change them.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from accounts.said import kept, restored, said_by
from annotation.images import Image, all_images
from archive.models import Instance, Series
from training.apart import planes
from training.engine.cache import ArrayCache
from training.engine.encoder import Encoder
from training.engine.volumes import PREPARATION, Grid, grid_of, resampled
from training.pictures import Bag, Failures, Picture, Report, embedding_cache, is_of_the_disk
from training.recipes.place import Place
from training.volumes_stack import GEOMETRY, Irregular, Slice, Stack, slice_of, stack_of

AT_ONCE = 4  # volumes between two writes to the caches
DECODERS = 2
CHUNK = 1000  # images whose places are asked for at once
Plane = Callable[[int, int], NDArray[Any]]  # by instance and frame
Metadata = Mapping[int, Mapping[str, Any]]  # by instance


@dataclass(frozen=True)
class Volume(Picture):
    """A case's stack; as a picture it is its middle slice. `problem`: why there is none, as a sentence."""

    stack: Stack | None = None
    grid: Grid | None = None
    problem: str = ""

    @property
    def key(self) -> str:
        assert self.grid is not None
        side = "mirrored" if self.mirror else "asis"
        lies = "none" if self.stack is None else self.stack.name
        return f"{self.pixel_hash}-{lies}-{side}-{PREPARATION}-{self.grid.name}"


def volumes(
    cases: Iterable[int], training: Mapping[str, Any], sides: Mapping[int, str] | None = None
) -> dict[int, Bag]:
    """As pictures.pictures."""
    rows = all_images(list(cases))
    found = chosen(rows, _geometry([row.instance for row in rows]), training, sides)
    return {case: (_named(volume),) for case, volume in found.items()}


def chosen(
    images: Sequence[Image],
    metadata: Metadata,
    training: Mapping[str, Any],
    sides: Mapping[int, str] | None = None,
) -> dict[int, Volume]:
    """As volumes, of images at hand, whose metadata hold GEOMETRY: case by case."""
    grid, mirrored, sides = grid_of(training), training.get("mirror") or None, sides or {}
    found: dict[int, Volume] = {}
    for case, part in groupby(images, key=lambda row: row.case):
        rows = list(part)
        mirror = sides.get(case, rows[0].laterality) == mirrored
        found[case] = _longest(rows, metadata, mirror, grid)
    return found


def _longest(rows: Sequence[Image], metadata: Metadata, mirror: bool, grid: Grid) -> Volume:
    """Of the series of one case, given one after the other."""
    series = [list(part) for _, part in groupby(rows, key=lambda row: row.series)]
    series.sort(key=lambda part: -sum(row.frames for row in part))
    problems = []
    for part in series:
        try:
            stack = stack_of(_slices(part, metadata))
        except Irregular as irregular:
            why = said_by(irregular)
            sentence = f"{why}: it is no volume that could be read."
            problems.append(restored(sentence, kept(why)))
        else:
            return _volume(part, mirror, grid, stack)
    return replace(_volume(series[0], mirror, grid, None), problem=problems[0])


def _slices(rows: Sequence[Image], metadata: Metadata) -> list[Slice]:
    return [
        slice_of(
            row.instance, frame, row.pixel_hash, (row.rows, row.columns), metadata[row.instance]
        )
        for row in rows
        for frame in range(row.frames)
    ]


def _volume(rows: Sequence[Image], mirror: bool, grid: Grid, stack: Stack | None) -> Volume:
    parts = [(row.instance, 0, row.pixel_hash) for row in rows]
    if stack is not None:
        parts = [(one.instance, one.frame, one.pixel_hash) for one in stack.slices]
    instance, frame, _ = parts[len(parts) // 2]
    row = next(row for row in rows if row.instance == instance)
    size = (row.rows, row.columns, mirror)
    pixels = "\n".join(f"{pixel_hash} {frame}" for _, frame, pixel_hash in parts)
    return Volume(
        row.case,
        instance,
        hashlib.sha256(pixels.encode()).hexdigest(),
        mirror,
        grid.shape[-1],
        Place(row.uid, frame + 1, *size, str(row.series), row.spacing),
        frame,
        stack=stack,
        grid=grid,
    )


def _named(volume: Volume) -> Volume:
    """With the series in its problem."""
    if not volume.problem:
        return volume
    series = Series.objects.get(instances=volume.instance)
    return replace(volume, problem=f"Series {series.series_instance_uid} {volume.problem}")


def _geometry(instances: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What the images say of their places, of each by its id."""
    found: dict[int, dict[str, Any]] = {}
    for at in range(0, len(instances), CHUNK):
        rows = Instance.objects.filter(pk__in=instances[at : at + CHUNK])
        # a tag alone would be taken for a place in a list
        values = (f"metadata__{tag}__Value" for tag in GEOMETRY)
        for instance, *said in rows.values_list("pk", *values):
            told = zip(GEOMETRY, said, strict=True)
            found[instance] = {tag: {"Value": value} for tag, value in told if value}
    return found


def block(volume: Volume, plane: Plane) -> NDArray[np.uint8]:
    """The prepared volume (D, H, W). Raises what reading a plane or resampling raises."""
    stack, grid = volume.stack, volume.grid
    assert stack is not None
    assert grid is not None
    read = (plane(one.instance, one.frame) for one in stack.slices)
    flip = stack.sideways if volume.mirror else None
    return resampled(read, stack.shape, stack.spacing, grid, flip)


def images(
    wanted: Sequence[Volume], report: Report, failures: Failures, *, apart: bool = False
) -> ArrayCache:
    """As pictures.images."""
    cache = volume_cache(wanted)
    missing = _missing(cache, wanted, failures)
    done = len(wanted) - len(missing)
    with (
        planes(apart=apart) as read,
        ThreadPoolExecutor(1 if apart else DECODERS, thread_name_prefix="decode") as decoders,
    ):

        def prepared(volume: Volume, files: Mapping[int, Instance]) -> NDArray[np.uint8]:
            return block(volume, lambda instance, frame: read(files[instance], frame))

        for at in range(0, len(missing), AT_ONCE):
            chunk = missing[at : at + AT_ONCE]
            made = {one.key: decoders.submit(prepared, one, _files(one)) for one in chunk}
            _keep(cache, made, failures)
            done += len(chunk)
            report(done, len(wanted))
    return cache


def _files(volume: Volume) -> dict[int, Instance]:
    assert volume.stack is not None
    return Instance.objects.in_bulk({one.instance for one in volume.stack.slices})


def _keep(
    cache: ArrayCache, made: Mapping[str, Future[NDArray[np.uint8]]], failures: Failures
) -> None:
    for key, future in made.items():
        try:
            cache.put([key], future.result()[None])
        except Exception as problem:  # a damaged file may fail in many ways; the others go on
            if is_of_the_disk(problem):
                raise
            failures[key] = f"{type(problem).__name__}: {problem}"[:300]


def embeddings(
    wanted: Sequence[Volume],
    encoder: Encoder,
    report: Report,
    failures: Failures,
    *,
    apart: bool = False,
) -> ArrayCache:
    """As pictures.embeddings."""
    cache = embedding_cache(encoder)
    missing = _missing(cache, wanted, failures)
    before = len(wanted) - len(missing)
    blocks = images(
        missing, lambda done, _: report(before + done, len(wanted)), failures, apart=apart
    )
    keys = [volume.key for volume in missing if volume.key not in failures]
    for at in range(0, len(keys), AT_ONCE):
        part = keys[at : at + AT_ONCE]
        cache.put(part, encoder.embed(blocks.rows(part)))
        report(before + at + len(part), len(wanted))
    return cache


def volume_cache(wanted: Sequence[Volume]) -> ArrayCache:
    """Of volumes of one form."""
    grid = wanted[0].grid if wanted else None
    grid = grid or Grid((1.0, 1.0, 1.0), (1, 1, 1))
    name = f"volumes-{PREPARATION}-{grid.name}"
    return ArrayCache(Path(settings.CACHE_FOLDER), name, grid.shape, np.uint8)


def _missing(cache: ArrayCache, wanted: Sequence[Volume], failures: Failures) -> list[Volume]:
    """One for each key without a row; those that are none fail at once."""
    failures |= {volume.key: volume.problem for volume in wanted if volume.problem}
    by_key = {volume.key: volume for volume in wanted if not volume.problem}
    return [by_key[key] for key in cache.missing(list(by_key))]
