"""Cancel a job: at once while it waits, else by a flag that its worker sees within seconds."""

from django.db import transaction
from django.db.models.functions import Now

from jobs.events import announce
from jobs.models import Job


def cancel(job: Job) -> Job:
    """Ask for it; a job that is over stays as it is. Returns the row as it is now."""
    with transaction.atomic():
        row = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
        if row.state == Job.State.QUEUED:
            Job.objects.filter(pk=row.pk).update(
                state=Job.State.CANCELLED, cancel_requested=True, finished_at=Now()
            )
        elif row.state == Job.State.RUNNING:
            Job.objects.filter(pk=row.pk).update(cancel_requested=True)
        row.refresh_from_db()
        announce(row.heard_by, "job", row.pk)
    return row
