"""The one CSV of a delivery or of a zip: with several none is used, for nobody can say which counts."""

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from .limits import MAX_CSV_BYTES
from .pictures_csv import PictureTable, read_csv
from .refused import Refused
from .source import Source, refused_source

ONE_CSV = "is one of several CSV files; send one, with a line for each picture."


def is_table(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() == ".csv"


def table_of(
    tables: Sequence[tuple[str, int, Callable[[], bytes]]],
) -> tuple[PictureTable | None, list[Source]]:
    """Of CSVs, as name, size and bytes: the table, and the lines of the report for what cannot be used."""
    if len(tables) > 1:
        reason = Refused(ONE_CSV, code="csv_several")
        return None, [refused_source(name, reason) for name, _, _ in tables]
    for name, size_bytes, read in tables:
        try:
            if size_bytes > MAX_CSV_BYTES:
                raise Refused(
                    f"is larger than {MAX_CSV_BYTES >> 20} MB; split the delivery.",
                    code="too_large",
                )
            return read_csv(read().decode("utf-8-sig", "replace")), []
        except Refused as reason:
            return None, [refused_source(name, reason)]
        except OSError:
            gone = Refused("is lost on the server; send it again.", code="unreadable")
            return None, [refused_source(name, gone)]
    return None, []
