"""The report of a delivery as CSV, one row a file, in batches: memory does not grow with the delivery."""

import csv
from collections.abc import Iterator
from typing import Any, TextIO

from .cells import escaped
from .models import Upload, UploadItem
from .sealing import unseal

COLUMNS = ("name", "outcome", "code", "reason", "tag", "offset", "sop_instance_uid")
STEP = 2_000


def write_report(file: TextIO, upload: Upload) -> int:
    """Writes the header and a row for each item; returns the number of rows."""
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(COLUMNS)
    written = 0
    for items in _steps(upload):
        writer.writerows([escaped(item[column]) for column in COLUMNS] for item in items)
        written += len(items)
    return written


def item_dict(item: UploadItem) -> dict[str, Any]:
    """An item with its name; the reason is a sentence that begins with it."""
    name = unseal(item.sealed_name)
    return {
        "name": name,
        "outcome": item.outcome,
        "code": item.code,
        "reason": f"{name} {item.reason}" if item.reason else "",
        "tag": item.tag,
        "offset": item.offset,
        "sop_instance_uid": item.sop_instance_uid,
    }


def _steps(upload: Upload) -> Iterator[list[dict[str, Any]]]:
    last = 0
    while items := list(upload.items.filter(pk__gt=last).order_by("pk")[:STEP]):
        yield [item_dict(item) for item in items]
        last = items[-1].pk
