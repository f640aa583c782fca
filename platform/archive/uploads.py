"""A delivery through the page: its files as they were sent become the sources of one ingest."""

from collections.abc import Iterator
from contextlib import suppress

from django.db import transaction
from django.db.models.functions import Now

from accounts.said import Said
from jobs.events import announce
from jobs.models import Job
from jobs.runner import Cancelled, LeaseLost, Running
from jobs.runner import Refused as JobRefused

from .deliver import look_at_pixels
from .ingest import Item, ingest_sources
from .models import Upload, UploadFile
from .one_csv import is_table, table_of
from .pictures_csv import PictureTable
from .receive import FULL, forget_bytes, is_full, path_of
from .report import Book, Overtaken, heard_by
from .sealing import unseal
from .source import Source, is_passed_over
from .walk import sources_of

STEP = 500


def take(running: Running, upload_id: int) -> dict[str, int]:
    """Ingests what was sent; done again after a death, it goes on where it was. Raises what ends the job."""
    upload = Upload.objects.get(pk=upload_id)
    set_state(upload, Upload.State.RUNNING)
    total = sum(1 for _ in sources(upload))
    done = Book(upload).position

    def progress(item: Item | None = None) -> None:
        nonlocal done
        done += item is not None
        share = done / total if total else 1.0
        said = f"{done:,} of {total:,} files"
        running.progress(share, Said(said, "files_done", done=done, of=total))

    def looking(number: int, of: int) -> None:
        said = f"{done:,} files; searching pixels for names: {number:,} of {of:,}"
        running.progress(1.0, Said(said, "files_searched", files=done, done=number, of=of))

    try:
        progress()
        ingest_sources(sources(upload), upload=upload, progress=progress, resume=True)
        look_at_pixels(upload, looking)
    except Overtaken as exc:
        raise LeaseLost(str(exc)) from exc
    except Cancelled:
        set_state(upload, Upload.State.CANCELLED)
        forget_files(upload)
        with suppress(Cancelled):
            said = f"Cancelled after {done:,} of {total:,} files; what was taken stays."
            cancelled = Said(said, "delivery_cancelled", done=done, of=total)
            running.progress(done / max(total, 1), cancelled)
        raise
    except OSError as error:
        if not is_full(error):
            raise
        full = f"{FULL} {done:,} of {total:,} files are dealt with; start it again then."
        raise JobRefused(Said(full, "disk_full", done=done, of=total)) from error
    return {"files": done}


def finish(upload_id: int) -> None:
    """The delivery is dealt with: for the transaction that ends its job."""
    upload = Upload.objects.get(pk=upload_id)
    set_state(upload, Upload.State.DONE)
    transaction.on_commit(lambda: forget_files(upload))


def set_state(upload: Upload, state: Upload.State) -> None:
    over = state in (Upload.State.DONE, Upload.State.CANCELLED, Upload.State.FAILED)
    upload.state = state
    Upload.objects.filter(pk=upload.pk).update(state=state, finished_at=Now() if over else None)
    announce(heard_by(upload), "upload", upload.pk)


def state_of(upload: Upload) -> str:
    """Its state, and that of its job where that ended without a word (cancelled while it waited, worker lost)."""
    waits = upload.state in (Upload.State.WAITING, Upload.State.RUNNING)
    if waits and upload.job and upload.job.state in (Job.State.CANCELLED, Job.State.FAILED):
        return upload.job.state
    return upload.state


def forget_files(upload: Upload) -> None:
    """Its bytes are needed no more; the rows stay, for the page's figures."""
    forget_bytes(upload.files.values_list("token", flat=True))


def sources(upload: Upload) -> Iterator[Source]:
    """The same in every run: in the order in which the files were announced, the CSVs' refusals first."""
    table, refused = table_of(
        [
            (name, file.size_bytes, path_of(file).read_bytes)
            for name, file in _files(upload)
            if is_table(name)
        ]
    )
    yield from refused
    for name, file in _files(upload):
        if not is_table(name):
            yield from _sources_of(file, name, table)


def _files(upload: Upload) -> Iterator[tuple[str, UploadFile]]:
    """The files with their names, some at a time: there may be a hundred thousand."""
    last = 0
    while files := list(upload.files.filter(pk__gt=last).order_by("pk")[:STEP]):
        last = files[-1].pk
        for file in files:
            name = unseal(file.sealed_name)
            if not ("/" in name and is_passed_over(name)):
                yield name, file


def _sources_of(file: UploadFile, name: str, table: PictureTable | None) -> Iterator[Source]:
    if file.size_bytes == 0:  # nothing of it was ever written
        yield Source(name, lambda: b"")
    else:
        yield from sources_of(path_of(file), name, table)
