"""What an admin does with an image that may show a name: hold, release or mask it, or throw it away."""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from jobs.events import announce

from . import store
from .burned_in import reason
from .declare_clean import declared_clean, says_burned_in
from .masking import Rewritten, masked
from .models import Instance, Patient, Series, Study
from .record import forget_unnamed
from .text_detector import Box

PAGE = 50
MOST_BOXES = 200

log = logging.getLogger(__name__)


class NotHeld(Exception):
    """Somebody else has decided meanwhile; the text is a sentence."""


def held() -> QuerySet[Instance]:
    """All that nobody else sees: first what waits for a look, then what the text detector has not come to."""
    rows = Instance.everything.exclude(state=Instance.State.READY)
    return rows.select_related("series__study__patient").order_by("-state", "pk")


def holds_page(cursor: str = "") -> dict[str, Any]:
    """One page of the queue, oldest first; `cursor` is the `next` of the page before."""
    rows = list(_after(cursor).defer("metadata", "frames")[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return {
        "results": [_row(row) for row in rows[:PAGE]],
        "next": f"{last.state}.{last.pk}" if last else None,
        "count": Instance.everything.exclude(state=Instance.State.READY).count(),
    }


def _after(cursor: str) -> QuerySet[Instance]:
    state, _, number = cursor.partition(".")
    pk = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0
    if state == Instance.State.CHECKING:
        return held().filter(state=state, pk__gt=pk)
    later = Q(state=Instance.State.CHECKING) | Q(state=Instance.State.HELD, pk__gt=pk)
    return held().filter(later) if pk else held()


@transaction.atomic
def hold(instance: Instance, by: User) -> None:
    """Nobody else sees it from now on: what the rules and the detector let pass was found by eye. Again: no change."""
    held_now = Instance.objects.filter(pk=instance.pk).update(
        state=Instance.State.HELD,
        hold_reasons=[reason("seen_by_admin")],
        released_by=None,
        released_at=None,
    )
    if held_now:
        _announce()
        log.info("Instance %s was held by user %d.", instance.sop_instance_uid, by.pk)


def release(instance: Instance, by: User) -> None:
    """Its pixels name nobody, and its header no longer says so: it is seen from now on.

    Raises NotHeld, and Undecodable where that cannot be written.
    """
    if says_burned_in(instance):
        _must_be_held(instance)
        _replace(instance, by, declared_clean(instance))
    else:
        with transaction.atomic():
            _update(instance, by)
    log.info("Instance %s was released by user %d.", instance.sop_instance_uid, by.pk)


def mask(instance: Instance, boxes: Sequence[Box], by: User) -> None:
    """Blacks the boxes out in all frames, stores the result in place of the file, and releases it.

    Raises NotHeld, and Undecodable where the pixels cannot be had.
    """
    _must_be_held(instance)
    _replace(instance, by, masked(instance, boxes), boxes)
    log.info("Instance %s was masked by user %d.", instance.sop_instance_uid, by.pk)


@transaction.atomic
def discard(instance: Instance, by: User) -> None:
    """Removes it with its file, and what it leaves empty: series, study (with its link) and patient. Raises NotHeld."""
    _lock(instance)
    series = Series.objects.select_related("study__patient").get(pk=instance.series_id)
    Instance.everything.filter(pk=instance.pk).delete()
    if not Instance.everything.filter(series=series).exists():
        _delete_empty(series)
    transaction.on_commit(lambda: forget_unnamed([instance.file_hash]))
    _announce()
    log.info("Instance %s was discarded by user %d.", instance.sop_instance_uid, by.pk)


def _must_be_held(instance: Instance) -> None:
    """Before its file is read: whoever was faster may have removed that."""
    with transaction.atomic():
        _lock(instance)


def _lock(instance: Instance) -> None:
    rows = Instance.everything.select_for_update().exclude(state=Instance.State.READY)
    if not rows.filter(pk=instance.pk, file=instance.file).exists():
        raise NotHeld("This image is no longer held; somebody has decided about it meanwhile.")


def _replace(instance: Instance, by: User, new: Rewritten, boxes: Sequence[Box] = ()) -> None:
    stored = store.put(new.parts)
    try:
        with transaction.atomic():
            _update(instance, by, boxes, new, stored)
    finally:  # whichever of the two files no row names now
        forget_unnamed([stored.file_hash, instance.file_hash])


def _update(
    instance: Instance,
    by: User,
    boxes: Sequence[Box] = (),
    new: Rewritten | None = None,
    stored: store.Stored | None = None,
) -> None:
    _lock(instance)
    fields: dict[str, Any] = {} if new is None else new.fields
    if stored is not None:
        fields |= {
            "file": stored.file,
            "file_hash": stored.file_hash,
            "size_bytes": stored.size_bytes,
            "masked_boxes": [list(box) for box in boxes],
        }
    Instance.everything.filter(pk=instance.pk).update(
        state=Instance.State.READY, released_by=by, released_at=Now(), **fields
    )
    _announce()


def _announce() -> None:
    announce("archive", "holds", None)
    announce("archive", "studies", None)


def _delete_empty(series: Series) -> None:
    """Upwards, as long as nothing else hangs on it."""
    study, patient = series.study, series.study.patient
    try:
        with transaction.atomic():
            series.delete()
            if not Series.objects.filter(study=study).exists():
                study.delete()
                if not Study.objects.filter(patient=patient).exists():
                    Patient.objects.filter(pk=patient.pk).delete()
    except ProtectedError:  # a case stands on it
        log.info("Series %s stays, although it is empty.", series.series_instance_uid)


def _row(instance: Instance) -> dict[str, Any]:
    return {
        "sop_instance_uid": instance.sop_instance_uid,
        "patient": instance.series.study.patient.pseudonym,
        "modality": instance.series.modality,
        "study_instance_uid": instance.series.study.study_instance_uid,
        "rows": instance.rows,
        "columns": instance.columns,
        "number_of_frames": instance.number_of_frames,
        "state": instance.state,
        "reasons": instance.hold_reasons,
        "boxes": instance.text_boxes,
        "picture": f"/api/holds/{instance.sop_instance_uid}/picture/",
    }
