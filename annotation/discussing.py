"""A read to be talked about: its reader says so and why. The answers stay as they are, and so does their version.

A note may say what its reader answered: to an admin who may still read the case it is another's answer, and so it comes, like
the name, only when he asks (annotation/seen.py). Until then he sees that, and by a pseudonym by whom.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from accounts.errors import Problem
from accounts.models import User
from annotation import held
from annotation.models import Annotation, Task
from annotation.presenters import annotation_json
from jobs.events import announce


@transaction.atomic
def flag(annotation_id: int, reader: User, flagged: bool, note: str) -> dict[str, Any]:
    """Flags the reader's own annotation with a note, or takes the flag off; saying it twice changes nothing.

    Returns the annotation as JSON. Raises Problem 404 where it is not his.
    """
    found = held.find(annotation_id, reader, lock=True)
    if found is None:
        raise Problem(404, "There is no such annotation.", code="no_annotation")
    annotation, _ = found
    wanted = (flagged, note.strip() if flagged else "")
    if (annotation.flagged, annotation.flag_note) != wanted:
        annotation.flagged, annotation.flag_note = wanted
        announce(annotation.case.task.topic, "cases", annotation.case_id)
        Annotation.objects.filter(pk=annotation_id).update(
            flagged=annotation.flagged, flag_note=annotation.flag_note
        )
    return annotation_json(annotation)


def flagged(task: Task, only: User | None = None) -> QuerySet[Annotation]:
    """What was flagged in a task, of one reader only where one is given."""
    found = Annotation.objects.filter(case__task=task, flagged=True)
    return found if only is None else found.filter(reader=only)


def cases_flagged(task: Task, only: User | None = None) -> int:
    return flagged(task, only).order_by().values("case").distinct().count()


def pseudonym(task: Task, reader_id: int) -> str:
    """The same for the same reader of a task, and nothing that leads back to him."""
    return f"R-{salted_hmac('reader', f'{task.pk}/{reader_id}').hexdigest()[:4].upper()}"
