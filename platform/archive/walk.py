"""From paths to sources: files as they are, folders all through, zips as what is in them."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from . import zipped
from .limits import MAX_FILE_BYTES
from .one_csv import is_table, table_of
from .pictures_csv import PictureTable
from .refused import Refused
from .source import Source, index_source, is_index, is_passed_over, too_large


def walk(paths: Iterable[Path | str]) -> Iterator[Path]:
    """All files under the paths, in the order of their names; links to folders are not followed.

    What is named directly is given whatever it is; in a folder hidden files and indexes are passed over.
    """
    for path in map(Path, paths):
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            inside = Path(folder).relative_to(path)
            folders[:] = sorted(name for name in folders if not is_passed_over(name))
            yield from (
                Path(folder) / name
                for name in sorted(names)
                if not is_passed_over(str(inside / name))
            )


def sources_of(path: Path, name: str, table: PictureTable | None = None) -> Iterator[Source]:
    """The file as a source, by the name that the report gives it; a zip gives one for each file in it.

    A CSV in a zip says whose its pictures are, unless there is a `table` for all.
    """
    if is_index(name):
        yield index_source(name)
    elif zipped.is_zip(path):
        yield from _zipped(path, name) if table is None else _with_rows(path, name, table)
    else:
        yield _with_row(Source(name, reader(path), size_bytes=_size(path)), table)


def _zipped(path: Path, name: str) -> Iterator[Source]:
    csvs = [source for source in zipped.sources(path, name) if is_table(source.name)]
    table, refused = table_of(
        [(csv.name, csv.size_bytes, partial(_read_again, path, name, csv.name)) for csv in csvs]
    )
    yield from refused
    yield from (source for source in _with_rows(path, name, table) if not is_table(source.name))


def _read_again(path: Path, name: str, wanted: str) -> bytes:
    """A file of a zip: what `zipped.sources` gave can be read only before the next is asked for."""
    return next(one.read() for one in zipped.sources(path, name) if one.name == wanted)


def _with_rows(path: Path, name: str, table: PictureTable | None) -> Iterator[Source]:
    return (_with_row(source, table) for source in zipped.sources(path, name))


def reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would be waited on for ever
            raise Refused("is no ordinary file; leave it out.", code="no_file")
        if status.st_size > MAX_FILE_BYTES:
            raise too_large()
        return path.read_bytes()

    return read


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # reading it will say why
        return 0


def _with_row(source: Source, table: PictureTable | None) -> Source:
    attributes = table.find(source.name) if table else None
    return Source(source.name, source.read, attributes, source.size_bytes)
