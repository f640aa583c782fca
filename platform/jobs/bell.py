"""The bell: a message through the broker that says "there is a job". It may be lost or come twice."""

import logging

from celery import current_app

log = logging.getLogger(__name__)
# One new connection when the old one is stale, and no more: the caller may be a reader who saves.
RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def ring(job_id: int, kind: str, queue: str, expires: float | None = None) -> bool:
    """Wake a worker of the queue. Returns False when the broker cannot be reached: the sweeper rings again."""
    try:
        current_app.send_task(
            kind,
            [job_id],
            queue=queue,
            expires=expires,
            ignore_result=True,
            retry=True,
            retry_policy=RETRY,
        )
    except Exception as error:
        # Whatever a broker library raises, it is never the caller's trouble: the row is safe.
        log.warning("The broker did not take the bell for job %d (%s): %s", job_id, kind, error)
        return False
    return True
