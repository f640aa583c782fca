"""A read to be talked about: its reader says so and why. The answers stay as they are, and so does their version."""

from typing import Any

from django.db import transaction

from accounts.errors import Problem
from accounts.models import User
from annotation import held
from annotation.models import Annotation
from annotation.presenters import annotation_json


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
        Annotation.objects.filter(pk=annotation_id).update(
            flagged=annotation.flagged, flag_note=annotation.flag_note
        )
    return annotation_json(annotation)
