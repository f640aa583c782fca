"""Ring again for what waits, and end what cannot go on. Whatever the broker loses comes back from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.said import Said, kept
from jobs.bell import ring
from jobs.claim import abandoned, due, settle
from jobs.events import announce
from jobs.models import Job

MOST = 500  # at a time; the next sweep takes the rest
LEFT_ALONE = Said("Its worker stopped; it waits for another one to go on", "worker_stopped")


@dataclass(frozen=True)
class Swept:
    rung: int
    ended: int


def sweep() -> Swept:
    """Safe to run at any time, in several processes at once."""
    return Swept(ended=_end_lost_jobs(), rung=_ring_again())


def _end_lost_jobs() -> int:
    """Jobs whose worker is silent, and that were cancelled meanwhile or have used up their attempts."""
    over = Q(cancel_requested=True) | Q(attempts__gte=F("max_attempts"))
    with transaction.atomic():
        lost = Job.objects.select_for_update(skip_locked=True).filter(abandoned() & over)[:MOST]
        return sum(settle(job) for job in lost)


def _ring_again() -> int:
    """A bell for each job that is due or abandoned, at most one per lease time: waiting in line is no loss."""
    patience = timedelta(seconds=settings.JOB_LEASE_SECONDS)
    unheard = Q(rung_at=None) | Q(rung_at__lt=Now() - patience)
    with transaction.atomic():
        waiting = list(
            Job.objects.select_for_update(skip_locked=True)
            .filter(due() | abandoned(), unheard)
            .order_by("pk")[:MOST]
        )
        Job.objects.filter(pk__in=[job.pk for job in waiting]).update(rung_at=Now())
        _tell_left_alone([job for job in waiting if job.state == Job.State.RUNNING])
    rung = 0
    for job in waiting:
        # Expired bells are dropped unheard, so those of a long line do not pile up work.
        if not ring(job.pk, job.kind, job.queue, expires=settings.JOB_LEASE_SECONDS):
            break  # the broker is away: the next sweeps try again
        rung += 1
    return rung


def _tell_left_alone(jobs: Sequence[Job]) -> None:
    """Nobody works on these now, whatever was last said of them."""
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(
        text=str(LEFT_ALONE), text_said=kept(LEFT_ALONE)
    )
    for job in jobs:
        announce(job.heard_by, "job", job.pk)
