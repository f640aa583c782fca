"""The references that a model may learn from: those of the train and tune patients. Test reads never count."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.said import Said, there_are
from annotation.models import Annotation, PatientSplit, SnapshotCase, Task
from annotation.references import references
from training import learned
from training.models import TrainingRun

SPLITS = (PatientSplit.Split.TRAIN, PatientSplit.Split.TUNE)
ENOUGH_CASES = 10
ENOUGH_VALUES = 2
AT_FIRST = 50  # references whose answers are read before more are


def teaching(task: Task) -> QuerySet[Annotation]:
    """The references of train and tune patients."""
    sides = PatientSplit.objects.filter(
        task=task, patient=OuterRef("case__patient"), split__in=SPLITS
    )
    return references(task).filter(Exists(sides))


def new_since(task: Task, run: TrainingRun | None) -> int:
    """References that a model may learn from and that the given run's snapshot does not hold."""
    found = teaching(task)
    if run is not None:
        held = SnapshotCase.objects.filter(snapshot=run.snapshot_id, case=OuterRef("case"))
        found = found.filter(~Exists(held))
    return found.count()


def _answers(task: Task) -> Iterator[dict[str, dict[str, Any]]]:
    """Of one reference after the other. A few mostly tell, so few are fetched at first."""
    found, last, wanted = teaching(task), 0, AT_FIRST
    while page := list(found.filter(case__gt=last).values_list("case", "answers")[:wanted]):
        yield from (answers for _, answers in page)
        last, wanted = page[-1][0], 4 * wanted


def nothing_to_learn(task: Task) -> str:
    """Why no training can ever start from this form, as a sentence; empty when one can."""
    if learned.kinds(task):
        return ""
    kinds = list(learned.MAIN_METRIC)
    return Said(
        "Nothing can be learned from this form yet: models learn fields of the kinds"
        f" {', '.join(kinds)}, and it has none. Its reads are kept and can be exported.",
        "nothing_to_learn",
        kinds=kinds,
    )


def too_little(task: Task) -> str:
    """Why a training could learn nothing yet, as a sentence; empty when it can."""
    if reason := nothing_to_learn(task):
        return reason
    learned_slots = learned.kinds(task)
    count: Counter[str] = Counter()
    values: dict[str, set[int]] = {}  # by their hashes: masks are long
    for answers in _answers(task):
        for slot, given in answers.items():
            if slot not in learned_slots or given.get("state") != "answered":
                continue
            count[slot] += 1
            known = values.setdefault(slot, set())
            known.add(hash(repr(given.get("value"))))
            if count[slot] >= ENOUGH_CASES and len(known) >= ENOUGH_VALUES:
                return ""
    answered = max(count.values(), default=0)
    different = max(map(len, values.values()), default=0)
    return Said(
        f"A training needs at least {ENOUGH_CASES} answered cases with {ENOUGH_VALUES} different answers;"
        f" outside the locked test {there_are(answered)} with {different}.",
        "too_little_to_learn",
        least=ENOUGH_CASES,
        least_different=ENOUGH_VALUES,
        answered=answered,
        different=different,
    )
