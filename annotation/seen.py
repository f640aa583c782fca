"""Who was shown what of a case outside his own read: a prediction, another reader's answer or note.

Whatever sends such a thing records it in the same request, before the answer leaves. What a person says of a case from
then on is *informed*: it is neither unassisted nor assisted, and never a reference of the locked test. What he said
before, and does not amend, stays what it was.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import User
from annotation.models import Annotation, Seen, Snapshot, SnapshotCase


def record(person: User, cases: Iterable[int]) -> None:
    """From now on this person has seen what was said of these cases; the first time counts."""
    rows = [Seen(case_id=case, person=person) for case in sorted(set(cases))]
    Seen.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)


ALL_OF = """
INSERT INTO annotation_seen (case_id, person_id)
SELECT case_id, %s FROM annotation_snapshotcase WHERE snapshot_id = %s ORDER BY case_id
ON CONFLICT DO NOTHING
"""


def record_all(person: User, snapshot: Snapshot) -> None:
    """As record, of all cases of a snapshot, whose answers he fetches."""
    with connection.cursor() as cursor:
        cursor.execute(ALL_OF, [person.pk, snapshot.pk])


def informed(reads: QuerySet[Annotation]) -> QuerySet[Annotation]:
    """Those whose answers, as they stand, were saved after their reader had been shown what others say."""
    before = Seen.objects.filter(
        case=OuterRef("case"), person=OuterRef("reader"), at__lte=OuterRef("saved_at")
    )
    return reads.filter(Exists(before))


def informed_rows(rows: QuerySet[SnapshotCase]) -> QuerySet[SnapshotCase]:
    """As informed, of the versions that a snapshot froze."""
    history = Annotation.pgh_event_models["update"]  # type: ignore[attr-defined]
    versions = history.objects.filter(
        pgh_obj=OuterRef("annotation"), version=OuterRef("annotation_version")
    )
    saved_at = Subquery(versions.order_by("pgh_id").values("saved_at")[:1])
    before = Seen.objects.filter(
        case=OuterRef("case"), person=OuterRef("annotation__reader"), at__lte=OuterRef("frozen_at")
    )
    return rows.annotate(frozen_at=saved_at).filter(Exists(before))
