"""Looks for burned-in text in what came in: an instance goes on to ready, or is held for an admin.

Until then nobody else sees it. Which instances wait stands in their rows, so a crash loses nothing.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from django.db import transaction

from jobs.events import announce

from .burned_in import reason
from .looking import grey8
from .models import Instance
from .stand_back import thread_stands_back
from .text_detector import Box, NoDetector, Writing, find_text

BATCH = 8  # are locked for about a second; whoever decides about one of them waits so long
PAUSE = 0.2  # seconds, while another has all that waits
FRAMES = 6  # of a film: the first, the last and some between; its text stands still

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]  # done, of how many; may raise to stop


@dataclass
class Checked:
    ready: int = 0
    held: int = 0

    @property
    def all(self) -> int:
        return self.ready + self.held


def waiting() -> bool:
    return Instance.everything.filter(state=Instance.State.CHECKING).exists()


def run_waiting(limit: int | None = None, progress: Progress | None = None) -> Checked:
    """Checks what waits, oldest first, at most `limit`; several may run at once and share the work.

    When it returns without a limit, none waits. Raises NoDetector.
    """
    total = Instance.everything.filter(state=Instance.State.CHECKING).count()
    checked = Checked()
    while (limit is None or checked.all < limit) and waiting():
        most = BATCH if limit is None else min(BATCH, limit - checked.all)
        held = _check_some(most)
        checked.held += sum(held)
        checked.ready += len(held) - sum(held)
        if not held:
            time.sleep(PAUSE)
        if progress:
            progress(checked.all, max(1, checked.all, min(total, limit or total)))
    return checked


@transaction.atomic
def _check_some(most: int) -> list[bool]:
    """Which of the next ones are held now; they are locked meanwhile, and a crash lets them go unchanged."""
    rows = Instance.everything.filter(state=Instance.State.CHECKING).order_by("pk")
    found = list(rows.select_for_update(skip_locked=True)[:most])
    held = [_check(instance) for instance in found]
    if found:
        announce("archive", "holds", None)
    return held


def _check(instance: Instance) -> bool:
    found = Writing([], [])
    reasons = list(instance.hold_reasons)  # what its header says of it
    try:
        found = _quiet().submit(_writing, instance).result()
        reasons += [reason("text_found")] if found.boxes else []
    except NoDetector:
        raise
    except Exception as exc:  # one that cannot be searched must not keep all others waiting
        kind = type(exc).__name__
        log.info("Instance %s cannot be searched for text (%s).", instance.sop_instance_uid, kind)
        reasons.append(reason("not_checked"))
    Instance.everything.filter(pk=instance.pk).update(
        state=Instance.State.HELD if reasons else Instance.State.READY,
        hold_reasons=reasons,
        text_boxes=found.boxes,
        markers=" ".join(sorted(set(found.markers))),
    )
    return bool(reasons)


@cache
def _quiet() -> ThreadPoolExecutor:
    """A thread that leaves the processor to whoever else wants it: a picture takes 0.3 s, and hundreds may wait."""
    return ThreadPoolExecutor(1, "check-text", initializer=thread_stands_back)


def _writing(instance: Instance) -> Writing:
    """What stands in any of the frames looked at."""
    last = instance.number_of_frames - 1
    frames = sorted({round(at) for at in np.linspace(0, last, min(FRAMES, last + 1))})
    all_boxes: list[Box] = []
    all_markers: list[str] = []
    for frame in frames:
        boxes, markers = find_text(grey8(instance, frame))
        all_boxes += [box for box in boxes if not _is_covered(box, all_boxes)]
        all_markers += markers
    return Writing(all_boxes, all_markers)


def _is_covered(box: Box, others: list[Box]) -> bool:
    """Whether its middle lies in a box that is there already."""
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return any(a <= x <= a + width and b <= y <= b + height for a, b, width, height in others)
