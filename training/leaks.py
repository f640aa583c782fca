"""Is a picture that is learned from one of the test as well, now or of a version before, under another patient's name?"""

from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef, Q

from annotation.models import PatientSplit, Snapshot, SnapshotCase
from training import pictures
from training.pictures import Bag, Failures, Picture
from training.volumes import Volume

Row = SnapshotCase
SIZE = 64  # pixels: whether there is anything to see


def first(cases: Iterable[tuple[Row, Bag]]) -> tuple[Row, Row] | None:
    """The first case with a picture, slice or plane that a case on another side of the split shows as well, and that
    case. Planes without content, as at the ends of a stack, are the same for everybody."""
    seen: dict[tuple[str, int], Row] = {}
    empty: set[tuple[str, int]] = set()
    for row, bag in cases:
        for picture in _planes(bag):
            plane = picture.pixel_hash, picture.frame
            other = seen.setdefault(plane, row)
            if other.split == row.split or plane in empty:
                continue
            if not _is_empty(picture):
                return row, other
            empty.add(plane)
    return None


def learned_before(snapshot: Snapshot) -> set[int]:
    """The cases of its locked test with the very images that a version of the task has learned from or was tuned on:
    they were another patient's then, and were thrown away and sent once more. An encoder may remember them."""
    known = SnapshotCase.objects.filter(
        ~Q(split=PatientSplit.Split.TEST),
        snapshot__task=snapshot.task_id,
        snapshot__runs__model__isnull=False,
        pixel_hash=OuterRef("pixel_hash"),
    )
    test = snapshot.rows.filter(split=PatientSplit.Split.TEST).exclude(pixel_hash="")
    return set(test.filter(Exists(known)).values_list("case", flat=True))


def _planes(bag: Bag) -> Iterator[Picture]:
    for one in bag:
        if not isinstance(one, Volume) or one.stack is None:
            yield one
            continue
        for plane in one.stack.slices:
            yield Picture(
                one.case, plane.instance, plane.pixel_hash, False, SIZE, one.place, plane.frame
            )


def _is_empty(picture: Picture) -> bool:
    """Whether all of it is one grey; not, where it cannot be read."""
    failures: Failures = {}
    cache = pictures.images([picture], lambda done, total: None, failures)
    return not failures and not cache.rows([picture.key]).any()
