"""A delivery that comes by another way than the page: its row, from the first file to the report."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now

from accounts.models import User

from . import check_text
from .ingest import CHECKING, HELD, TAKEN, why_held
from .models import Instance, Upload, UploadItem
from .text_detector import NoDetector

STEP = 500
log = logging.getLogger(__name__)


@contextmanager
def delivery(way: Upload.Way) -> Iterator[Upload]:
    """The row of a delivery that begins now; what is raised inside ends it as failed, Ctrl-C as cancelled."""
    upload = begin(way)
    try:
        yield upload
    except KeyboardInterrupt:
        end(upload, Upload.State.CANCELLED)
        raise
    except BaseException:
        end(upload, Upload.State.FAILED)
        raise
    complete(upload)


def begin(way: Upload.Way, by: User | None = None) -> Upload:
    return Upload.objects.create(way=way, by=by, state=Upload.State.RUNNING)


def complete(upload: Upload) -> None:
    """All of it has come: its pixels are looked at, and its report says what was found."""
    try:
        look_at_pixels(upload)
    finally:
        end(upload, Upload.State.DONE)


def end(upload: Upload, state: Upload.State) -> None:
    Upload.objects.filter(pk=upload.pk).update(state=state, finished_at=Now())


def look_at_pixels(upload: Upload, progress: check_text.Progress | None = None) -> None:
    """Searches what waits for names in its pixels, then says in the report what was found."""
    if upload.items.filter(code=CHECKING).exists():
        try:
            check_text.run_waiting(progress=progress)
        except NoDetector as missing:  # nobody sees what waits; all else is taken
            log.warning("%s", missing)
    settle_checked(upload)


def settle_all() -> None:
    """The reports of all deliveries whose instances were looked at since."""
    waiting = UploadItem.objects.filter(upload=OuterRef("pk"), outcome=HELD, code=CHECKING)
    for upload in Upload.objects.filter(Exists(waiting)):
        settle_checked(upload)


def settle_checked(upload: Upload) -> None:
    """Items whose instance was looked at meanwhile are taken, or held with the reason that was found."""
    last: int | None = 0
    while last is not None:
        last = _settle_some(upload, after=last)


def _settle_some(upload: Upload, after: int) -> int | None:
    """Some items behind that one; returns the last of them. Under the delivery's lock: two may settle at once."""
    with transaction.atomic():
        Upload.objects.select_for_update().filter(pk=upload.pk).exists()
        waiting = upload.items.filter(outcome=HELD, code=CHECKING, pk__gt=after)
        items = list(waiting.order_by("pk")[:STEP])
        uids = [item.sop_instance_uid for item in items]
        found = Instance.everything.in_bulk(uids, field_name="sop_instance_uid")
        settled = [item for item in items if _say(item, found.get(item.sop_instance_uid))]
        cleared = sum(item.outcome == TAKEN for item in settled)
        UploadItem.objects.bulk_update(settled, ["outcome", "code", "reason"])
        Upload.objects.filter(pk=upload.pk).update(
            taken=F("taken") + cleared, held=F("held") - cleared
        )
    return items[-1].pk if items else None


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
