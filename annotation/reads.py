"""A reader's own reads of a task, newest first: what he may look up, reopen and amend."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from accounts.errors import Problem
from accounts.models import User
from annotation.access import elsewhere, tasks_visible_to
from annotation.images import has_image
from annotation.models import Annotation, Form, Task

State = Annotation.State
ONLY = {
    "flagged": Q(flagged=True),
    "amended": Q(amended_at__isnull=False),
}


class Page(NamedTuple):
    reads: list[Annotation]
    next: str | None  # cursor of the page after it


def submitted(
    task: Task, reader: User, search: str = "", only: str = "", cursor: str = "", limit: int = 50
) -> Page:
    """The reads that he submitted, with case, patient and form.

    `search`: part of the case's name, the patient's pseudonym or a note; `only`: a key of ONLY. Raises Problem 400
    for a cursor of somebody else's making.
    """
    found = _own(task, reader).filter(state=State.SUBMITTED).order_by("-submitted_at", "-pk")
    for word in search.split():
        found = found.filter(
            Q(case__name__icontains=word)
            | Q(case__patient__pseudonym__icontains=word)
            | Q(flag_note__icontains=word)
            | Q(amend_reason__icontains=word)
        )
    if only:
        found = found.filter(ONLY[only])
    if cursor:
        found = _after(found, cursor)
    reads = list(found[: limit + 1])
    return Page(reads[:limit], _cursor(reads[limit - 1]) if len(reads) > limit else None)


def left_open(task: Task, reader: User) -> list[Annotation]:
    """Drafts with answers that the worklist does not hand out: somebody else holds the case, or has read it, or all its
    images are held back."""
    drafts = _own(task, reader).filter(
        elsewhere(reader) | ~has_image("case"),
        state=State.DRAFT,
        version__gt=0,
    )
    return list(drafts.order_by("-saved_at", "-pk"))


def forms_of(task: Task, reads: Iterable[Annotation]) -> list[Form]:
    """Each version of the task's form that one of these reads answered, with its words."""
    return list(Form.objects.filter(task=task, pk__in={read.form_id for read in reads}))


def one(annotation_id: int, reader: User) -> Annotation:
    """His annotation in a task that he still belongs to, with case, patient, task, reader and form; Problem 404 else."""
    found = Annotation.objects.filter(
        pk=annotation_id, reader=reader, case__task__in=tasks_visible_to(reader)
    )
    read = found.select_related("case__patient", "case__task", "reader", "form").first()
    if read is None:
        raise Problem(404, "There is no such annotation.", code="no_annotation")
    return read


def _own(task: Task, reader: User) -> QuerySet[Annotation]:
    own = Annotation.objects.filter(case__task=task, reader=reader)
    return own.select_related("case__patient", "form").defer("form__content")


def _cursor(read: Annotation) -> str:
    assert read.submitted_at is not None
    return f"{read.submitted_at.isoformat()}_{read.pk}"


def _after(reads: QuerySet[Annotation], cursor: str) -> QuerySet[Annotation]:
    text, _, number = cursor.rpartition("_")
    try:
        moment, pk = datetime.fromisoformat(text), int(number)
    except ValueError:
        sentence = "The cursor was not understood; start again without one."
        raise Problem(400, sentence, code="cursor_not_understood") from None
    return reads.filter(Q(submitted_at__lt=moment) | Q(submitted_at=moment, pk__lt=pk))
