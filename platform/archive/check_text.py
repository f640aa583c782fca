"""Looks for burned-in text in what came in: an instance goes on to ready, or is held for an admin.

Until then nobody else sees it. Which instances wait stands in their rows, so a crash loses nothing.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from jobs.events import announce

from .burned_in import reason
from .looking import grey8
from .models import Instance
from .pixels import Undecodable
from .text_detector import Box, find_text

BATCH = 16
FRAMES = 6  # of a film: the first, the last and some between; its text stands still

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]  # done, of how many; may raise to stop


@dataclass
class Checked:
    ready: int = 0
    held: int = 0


def waiting() -> bool:
    return Instance.everything.filter(state=Instance.State.CHECKING).exists()


def run_waiting(limit: int | None = None, progress: Progress | None = None) -> Checked:
    """Checks all that waits, oldest first, at most `limit`; two may run at once. Raises NoDetector."""
    checked = Checked()
    total = Instance.everything.filter(state=Instance.State.CHECKING).count()
    total = min(total, limit) if limit is not None else total
    for number, instance in enumerate(_waiting(total), start=1):
        held = _check(instance)
        if held is not None:
            checked.held += held
            checked.ready += not held
        if progress:
            progress(number, max(number, total))
    if checked.ready or checked.held:
        announce("archive", "holds", None)
    return checked


def _waiting(count: int) -> Iterator[Instance]:
    """The next instances; each is read just before its turn, for another may have taken it."""
    last = 0
    while count > 0:
        rows = Instance.everything.filter(state=Instance.State.CHECKING, pk__gt=last)
        found = list(rows.order_by("pk")[: min(BATCH, count)])
        if not found:
            return
        for instance in found:
            last = instance.pk
            if Instance.everything.filter(pk=last, state=Instance.State.CHECKING).exists():
                yield instance
        count -= len(found)


def _check(instance: Instance) -> bool | None:
    """Whether it is held now; None where somebody else decided meanwhile."""
    boxes: list[Box] = []
    try:
        boxes = _boxes(instance)
        reasons = [reason("text_found")] if boxes else []
    except Undecodable:
        log.info("Instance %s cannot be searched for text.", instance.sop_instance_uid)
        reasons = [reason("not_checked")]
    changed = Instance.everything.filter(
        pk=instance.pk, state=Instance.State.CHECKING, file=instance.file
    ).update(
        state=Instance.State.HELD if reasons else Instance.State.READY,
        hold_reasons=reasons,
        text_boxes=boxes,
    )
    return bool(reasons) if changed else None


def _boxes(instance: Instance) -> list[Box]:
    """Where text stands in any of the frames looked at."""
    last = instance.number_of_frames - 1
    frames = sorted({round(at) for at in np.linspace(0, last, min(FRAMES, last + 1))})
    found: list[Box] = []
    for frame in frames:
        found += [box for box in find_text(grey8(instance, frame)) if not _is_covered(box, found)]
    return found


def _is_covered(box: Box, others: list[Box]) -> bool:
    """Whether its middle lies in a box that is there already."""
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return any(a <= x <= a + width and b <= y <= b + height for a, b, width, height in others)
