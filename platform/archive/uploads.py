"""A delivery through the page: the same way in as the command's, with what became of each file kept."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from jobs.events import announce

from .ingest import HERE, REFUSED, TAKEN, Item, Source, ingest_sources
from .limits import MAX_CSV_BYTES
from .models import Upload, UploadItem
from .pictures_csv import PictureTable, read_csv
from .refused import Refused
from .sealing import seal


@dataclass(frozen=True)
class UploadedSource:
    name: str  # with its folders, where known
    file: UploadedFile


def take(files: list[UploadedSource], by: User) -> Upload:
    tables = [file for file in files if PurePosixPath(file.name).suffix.lower() == ".csv"]
    others = [file for file in files if file not in tables]
    table, refused = _table(tables)
    report = ingest_sources(_source(file, table) for file in others)
    items = [*refused, *report.items]
    upload = Upload.objects.create(
        by=by,
        taken=sum(item.outcome == TAKEN for item in items),
        already=sum(item.outcome == HERE for item in items),
        refused=sum(item.outcome == REFUSED for item in items),
    )
    UploadItem.objects.bulk_create(
        UploadItem(
            upload=upload,
            sealed_name=seal(item.name),
            outcome=item.outcome,
            reason=item.reason.removeprefix(item.name).strip()[:500],
            sop_instance_uid=item.sop_instance_uid,
        )
        for item in items
    )
    upload.refresh_from_db(fields=["created_at"])
    announce(f"user/{by.pk}", "upload", upload.pk)
    return upload


def _source(file: UploadedSource, table: PictureTable | None) -> Source:
    return Source(file.name, file.file.read, table.find(file.name) if table else None)


def _table(files: list[UploadedSource]) -> tuple[PictureTable | None, list[Item]]:
    """The one CSV of a delivery; with several none is used, for nobody can say which counts."""
    if len(files) > 1:
        reason = "is one of several CSV files; send one, with a line for each picture."
        return None, [Item(file.name, REFUSED, f"{file.name} {reason}") for file in files]
    for file in files:
        try:
            if (file.file.size or 0) > MAX_CSV_BYTES:
                raise Refused(f"is larger than {MAX_CSV_BYTES >> 20} MB; split the delivery.")
            return read_csv(file.file.read().decode("utf-8-sig", "replace"), file.name), []
        except Refused as reason:
            return None, [Item(file.name, REFUSED, f"{file.name} {reason}")]
    return None, []
