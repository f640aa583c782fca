"""Beat asks the same of every task: one that fails is logged, and the later ones are asked all the same."""

import logging
from collections.abc import Callable

from annotation.models import Task

log = logging.getLogger(__name__)


def each_task(ask: Callable[[Task], object]) -> None:
    for task in Task.objects.all():
        try:
            ask(task)
        except Exception:
            log.exception("%s failed for task %s", ask.__name__, task.pk)
