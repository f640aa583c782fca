"""The references that a model may learn from: those of the train and tune patients. Test reads never count."""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.said import Said
from annotation.models import Annotation, PatientSplit, SnapshotCase, Task
from annotation.references import references
from training import learned
from training.models import TrainingRun

SPLITS = (PatientSplit.Split.TRAIN, PatientSplit.Split.TUNE)
ENOUGH_CASES = 10
ENOUGH_VALUES = 2


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
    answers = list(teaching(task).values_list("answers", flat=True))
    values: dict[str, list[str]] = {}
    for answer in answers:
        for slot, given in answer.items():
            if slot in learned_slots and given.get("state") == "answered":
                values.setdefault(slot, []).append(repr(given.get("value")))
    if any(len(v) >= ENOUGH_CASES and len(set(v)) >= ENOUGH_VALUES for v in values.values()):
        return ""
    answered = max((len(v) for v in values.values()), default=0)
    different = max((len(set(v)) for v in values.values()), default=0)
    return Said(
        f"A training needs at least {ENOUGH_CASES} answered cases with {ENOUGH_VALUES} different answers;"
        f" outside the locked test there are {answered} with {different}.",
        "too_little_to_learn",
        least=ENOUGH_CASES,
        least_different=ENOUGH_VALUES,
        answered=answered,
        different=different,
    )
