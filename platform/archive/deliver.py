"""A delivery that comes by another way than the page: its row, from the first file to the report."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from . import check_text
from .ingest import CHECKING, HELD, TAKEN, why_held
from .models import Instance, Upload, UploadItem

STEP = 500


@contextmanager
def delivery(way: Upload.Way) -> Iterator[Upload]:
    """The row of a delivery that begins now; what is raised inside ends it as failed, Ctrl-C as cancelled."""
    upload = begin(way)
    try:
        yield upload
    except KeyboardInterrupt:
        _end(upload, Upload.State.CANCELLED)
        raise
    except BaseException:
        _end(upload, Upload.State.FAILED)
        raise
    complete(upload)


def begin(way: Upload.Way) -> Upload:
    return Upload.objects.create(way=way, state=Upload.State.RUNNING)


def complete(upload: Upload) -> None:
    """All of it has come: its pixels are looked at, and its report says what was found."""
    try:
        look_at_pixels(upload)
    finally:
        _end(upload, Upload.State.DONE)


def look_at_pixels(upload: Upload) -> None:
    """Searches what waits for names in its pixels, then says in the report what was found."""
    if upload.items.filter(code=CHECKING).exists():
        check_text.run_waiting()
    settle_checked(upload)


def settle_checked(upload: Upload) -> None:
    """Items whose instance was looked at meanwhile are taken, or held with the reason that was found."""
    waiting = upload.items.filter(outcome=HELD, code=CHECKING).order_by("pk")
    last = 0
    while items := list(waiting.filter(pk__gt=last)[:STEP]):
        last = items[-1].pk
        uids = [item.sop_instance_uid for item in items]
        found = Instance.everything.in_bulk(uids, field_name="sop_instance_uid")
        _settle(upload, [item for item in items if _say(item, found.get(item.sop_instance_uid))])


def _say(item: UploadItem, instance: Instance | None) -> bool:
    """Writes into the item what became of its instance; False while nothing has."""
    if instance is None or instance.state == Instance.State.CHECKING:
        return False
    if instance.state == Instance.State.READY:
        item.outcome, item.code, item.reason = TAKEN, "", ""
    else:
        why = why_held(instance.state, instance.hold_reasons)
        item.code, item.reason = why.code, str(why)[:500]
    return True


def _settle(upload: Upload, items: list[UploadItem]) -> None:
    cleared = sum(item.outcome == TAKEN for item in items)
    with transaction.atomic():
        UploadItem.objects.bulk_update(items, ["outcome", "code", "reason"])
        Upload.objects.filter(pk=upload.pk).update(
            taken=F("taken") + cleared, held=F("held") - cleared
        )


def _end(upload: Upload, state: Upload.State) -> None:
    Upload.objects.filter(pk=upload.pk).update(state=state, finished_at=Now())
