"""The answer to a STOW-RS request: the Store Instances Response Module (PS3.18 annex I)."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from archive.ingest import REFUSED, Item
from archive.models import Instance

from .sent import Sent
from .urls import instance_url, root, study_url

COERCED = 0xB000  # warning: elements were changed (here: what names the patient)
PROCESSING_FAILURE, DUPLICATE, NO_SUCH_CLASS = 0x0110, 0x0111, 0x0122
OUT_OF_RESOURCES, NOT_UNDERSTOOD, NO_SUCH_SYNTAX = 0xA700, 0xC000, 0xC122
# PS3.18 table I.2-2, by the code of the refusal
REASONS = {
    "no_image": NO_SUCH_CLASS,
    "dicomdir": NO_SUCH_CLASS,
    "unknown_transfer_syntax": NO_SUCH_SYNTAX,
    "unsupported_transfer_syntax": NO_SUCH_SYNTAX,
    "no_transfer_syntax": NO_SUCH_SYNTAX,
    "too_costly_memory": OUT_OF_RESOURCES,
    "too_costly_time": OUT_OF_RESOURCES,
    "too_large": OUT_OF_RESOURCES,
    "other_bytes": DUPLICATE,
    "other_patient": PROCESSING_FAILURE,
    "other_study": PROCESSING_FAILURE,
    "unstorable": PROCESSING_FAILURE,
}
LONGEST_COMMENT = 64  # characters of a LO


def answer(request: HttpRequest, sent: list[Sent], items: list[Item]) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the response's attributes: each instance by the name that its sender knows."""
    base = root(request)
    rows = _addresses(item.sop_instance_uid for item in items if item.outcome != REFUSED)
    stored, failed, others = [], [], []
    for one, item in zip(sent, items, strict=True):
        if item.outcome != REFUSED:
            stored.append(_referenced(one, item, rows, base))
        elif one.sop_instance_uid:
            failed.append(_names(one) | _failure(item))
        else:
            others.append(_failure(item))
    sequences = {"00081198": failed, "00081199": stored, "0008119A": others}
    content: dict[str, Any] = {
        tag: {"vr": "SQ", "Value": list_of} for tag, list_of in sequences.items() if list_of
    }
    studies = {study for study, _ in rows.values()}
    if len(studies) == 1:
        content["00081190"] = _ur(study_url(base, studies.pop()))
    status = 200 if not failed + others else 202 if stored else 409
    return status, dict(sorted(content.items()))


def _addresses(uids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Study and series of each that can be had; what is held cannot."""
    rows = Instance.objects.filter(sop_instance_uid__in=list(uids)).values_list(
        "sop_instance_uid", "series__study__study_instance_uid", "series__series_instance_uid"
    )
    return {uid: (study, series) for uid, study, series in rows}


def _referenced(
    sent: Sent, item: Item, rows: dict[str, tuple[str, str]], base: str
) -> dict[str, Any]:
    found = _names(sent)
    if item.sop_instance_uid in rows:
        study, series = rows[item.sop_instance_uid]
        found["00081190"] = _ur(instance_url(base, study, series, item.sop_instance_uid))
    found["00081196"] = {"vr": "US", "Value": [COERCED]}
    return dict(sorted(found.items()))


def _names(sent: Sent) -> dict[str, Any]:
    uids = {"00081150": sent.sop_class_uid, "00081155": sent.sop_instance_uid}
    return {tag: {"vr": "UI", "Value": [uid]} for tag, uid in uids.items() if uid}


def _failure(item: Item) -> dict[str, Any]:
    """FailureReason for programs, ErrorComment for people."""
    comment = f"It {item.sentence}"
    if len(comment) > LONGEST_COMMENT:
        comment = comment[: LONGEST_COMMENT - 1] + "…"
    reason = REASONS.get(item.code, NOT_UNDERSTOOD)
    return {
        "00000902": {"vr": "LO", "Value": [comment]},
        "00081197": {"vr": "US", "Value": [reason]},
    }


def _ur(address: str) -> dict[str, Any]:
    return {"vr": "UR", "Value": [address]}
