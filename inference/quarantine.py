"""Cases whose pictures cannot be read: tried three times, a while apart, then left alone with a reason that people see.

Other pixels are tried anew, and so are cases for which an admin asks (`release`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from annotation.models import Case
from inference.models import Prediction, Unreadable

MOST = 3  # tries
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=10),
)  # a disk that is away for a while is no fault of the picture
Pixels = Mapping[int, str]  # by case, what names the pictures that are read of it


@dataclass(frozen=True)
class Known:
    """What earlier tries of these cases came to, as far as their pixels are the same."""

    tries: dict[int, int]

    @property
    def suspect(self) -> bool:
        """Whether one that is tried again is among them: it may end the process that reads it."""
        return any(tries < MOST for tries in self.tries.values())

    def quarantined(self, case: int) -> bool:
        return self.tries.get(case, 0) >= MOST


def known(pixels: Pixels) -> Known:
    rows = Unreadable.objects.filter(case__in=list(pixels))
    return Known({row.case_id: row.tries for row in rows if row.pixels == pixels[row.case_id]})


def note(pixels: Pixels, before: Known, failures: Mapping[int, str]) -> set[int]:
    """Write down how a try of these cases went; which of them wait for another one."""
    good = [case for case in pixels if case not in failures and not before.quarantined(case)]
    Unreadable.objects.filter(case__in=good).delete()
    waits = set()
    for case, reason in failures.items():
        tries = before.tries.get(case, 0) + 1
        again = tries < MOST
        values = {"pixels": pixels[case], "tries": tries, "reason": reason[:300]}
        Unreadable.objects.update_or_create(
            case_id=case,
            defaults={**values, "again_at": Now() + PAUSES[tries - 1] if again else None},
        )
        if again:
            waits.add(case)
    return waits


def put_off() -> Exists:
    """Whether the case that a row is waits for its next try."""
    return Exists(Unreadable.objects.filter(case=OuterRef("pk"), again_at__gt=Now()))


def why() -> Subquery:
    """Why the case that a row is was set aside; null where it was not."""
    aside = Unreadable.objects.filter(case=OuterRef("pk"), tries__gte=MOST)
    return Subquery(aside.values("reason"))


def quarantined(cases: QuerySet[Case] | list[int]) -> dict[int, str]:
    """Of those that are not tried any more, by case: why."""
    rows = Unreadable.objects.filter(case__in=cases, tries__gte=MOST)
    return dict(rows.values_list("case_id", "reason"))


def release(cases: QuerySet[Case]) -> int:
    """Let cases be tried again that were set aside: their predictions are lacking once more. How many there were."""
    aside = Unreadable.objects.filter(case__in=cases, tries__gte=MOST)
    Prediction.objects.filter(case__in=aside.values("case"), slots={}).delete()
    return aside.delete()[0]
