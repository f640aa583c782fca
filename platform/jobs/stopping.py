"""Whether this worker was asked to stop: a running job then goes back to the queue instead of being lost.

Celery tells only the worker's main process, while a job may run in a child of it: one byte of shared memory,
made before the children are forked, reaches them all.
"""

import mmap
from typing import Any

from celery.signals import worker_shutting_down

_asked = mmap.mmap(-1, 1)


def asked() -> bool:
    return _asked[0] == 1


@worker_shutting_down.connect(weak=False)
def _ask(**_: Any) -> None:
    _asked[0] = 1
