"""Whether a read is made with the prediction in sight: drawn once a read, seeded, per reader and task.

Patients of the locked test are always read unassisted, so that a test reference owes nothing to the model it will
judge; `unusable` proves it before every training and export, and finds what people were shown elsewhere.
"""

import json
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connection

from annotation import seen
from annotation.models import Annotation, PatientSplit, Task
from annotation.splits import side_of
from inference.draws import fraction
from inference.models import Prediction, Showing

Arm = Showing.Arm
NOT_ASKED = "not_asked"
HITS = (
    "hits"  # all places that may be something: to judge a model by, and not for the reader's eyes
)
Slots = dict[str, dict[str, Any]]


class Heat(NamedTuple):
    """Where the model looked for its answers, as long as there is the prediction."""

    prediction: int
    looked: dict[str, dict[str, Any]]  # as Prediction.looked


class Shown(NamedTuple):
    """What a reader sees of a model at a read: nothing where `slots` is None."""

    arm: str
    model: int | None = None
    number: int | None = None
    slots: Slots | None = None
    heat: Heat | None = None


def arm_of(task: Task, annotation: Annotation, split: str | None) -> Arm:
    if split == PatientSplit.Split.TEST:
        return Arm.UNASSISTED
    lot = fraction(
        "arm", task.seed, task.pk, annotation.reader_id, annotation.case_id, annotation.round
    )
    return Arm.UNASSISTED if lot < task.unassisted_share else Arm.ASSISTED


def draw(task: Task, annotation: Annotation) -> Shown:
    """The arm of a read and what its reader sees now; called each time the read is handed out. Two queries
    at most, but for a patient's first read.

    The prediction is the current model's, taken anew until the reader saves an answer: a case prefetched an hour ago
    comes with what the model says now. From the first save on, what the reader saw stays as it was.
    """
    known = _known(annotation)
    if known.shown and annotation.version > 0:
        return known.with_heat(known.shown)
    return _shown_now(task, annotation, known, known.now)


def offer(task: Task, annotation: Annotation, begun: Collection[str]) -> Shown:
    """As draw, but to a reader who has the read open, in which no prediction was to be had until now: of a slot that
    he has begun to answer nothing is shown."""
    known = _known(annotation)
    if known.shown and known.shown.slots is not None:
        return known.with_heat(known.shown)
    begun = {*begun, *(slot for slot, of in annotation.answers.items() if of["state"] != NOT_ASKED)}
    said = known.now.slots if known.now and known.now.slots else {}
    open_slots = {slot: of for slot, of in said.items() if slot not in begun}
    now = known.now._replace(slots=open_slots) if known.now and open_slots else None
    return _shown_now(task, annotation, known, now)


def _shown_now(task: Task, annotation: Annotation, known: "Known", now: Shown | None) -> Shown:
    if known.arm == Arm.UNASSISTED:
        return Shown(Arm.UNASSISTED)
    split = known.split or side_of(task, annotation.case.patient)
    arm = arm_of(task, annotation, split)
    # what he has seen already he has seen, also where a new model has not come to the case yet
    seen = known.shown if known.shown and known.shown.slots is not None else Shown(arm)
    shown = now if now and arm == Arm.ASSISTED else seen
    if known.shown != shown:
        _keep(annotation, shown)
    return known.with_heat(shown)


def shown_at(annotation: Annotation) -> Shown:
    """What the reader saw at this read, and nothing else: a prediction that was hidden stays hidden for ever."""
    showing = Showing.objects.select_related("model").filter(annotation=annotation).first()
    if showing is None or showing.slots is None or showing.model is None:
        return Shown(Arm.UNASSISTED)
    said = Prediction.objects.filter(case=annotation.case_id, model=showing.model).first()
    heat = Heat(said.pk, said.looked) if said and said.looked else None
    slots = _told(showing.slots)
    return Shown(Arm(showing.arm), showing.model_id, showing.model.number, slots, heat)


# By hand: it is asked at every `next`, and building it costs the ORM ten times what the database needs.
KNOWN = """
SELECT s.arm, s.model_id, drawn.number, s.slots, split.split, current.model_id, current.number, current.slots,
       current.id, current.looked
FROM annotation_case c
LEFT JOIN inference_showing s ON s.annotation_id = %s
LEFT JOIN training_modelversion drawn ON drawn.id = s.model_id
LEFT JOIN annotation_patientsplit split ON split.task_id = c.task_id AND split.patient_id = c.patient_id
LEFT JOIN LATERAL (
    SELECT p.id, p.model_id, m.number, p.slots, p.looked FROM inference_prediction p
    JOIN training_modelversion m ON m.id = p.model_id AND m.state = 'current'
    WHERE p.case_id = c.id AND p.shows = c.shows LIMIT 1
) current ON true
WHERE c.id = %s
"""


class Known(NamedTuple):
    """What the tables hold for a read: what was drawn and shown, the patient's side, what the model says now."""

    arm: str | None
    shown: Shown | None
    split: str | None
    now: Shown | None
    heat: Heat | None

    def with_heat(self, shown: Shown) -> Shown:
        """A map is of the prediction that the reader sees, never of a newer one."""
        same = self.now is not None and shown.slots is not None and shown.model == self.now.model
        return shown._replace(heat=self.heat) if same else shown


def _known(annotation: Annotation) -> Known:
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [annotation.pk, annotation.case_id])
        row = cursor.fetchone()
    arm, model, number, slots, split, *now = row
    said = _told(json.loads(now[2])) if now[0] else None
    looked = json.loads(now[4]) if said else {}
    return Known(
        arm,
        Shown(Arm(arm), model, number, _told(json.loads(slots)) if slots else None)
        if arm
        else None,
        split,
        Shown(Arm.ASSISTED, now[0], now[1], said) if said else None,
        Heat(now[3], looked) if looked else None,
    )


def _told(slots: Slots) -> Slots:
    """What is told of a prediction."""
    return {
        slot: {name: of for name, of in said.items() if name != HITS}
        for slot, said in slots.items()
    }


KEEP = """
INSERT INTO inference_showing (annotation_id, arm, model_id, slots, shown_at)
VALUES (%s, %s, %s, %s::jsonb, CASE WHEN %s THEN now() END)
ON CONFLICT (annotation_id) DO UPDATE
SET model_id = EXCLUDED.model_id, slots = EXCLUDED.slots, shown_at = EXCLUDED.shown_at
"""


def _keep(annotation: Annotation, shown: Shown) -> None:
    """Two requests for the same read may draw at once: the arm is the same in both, and one row stays."""
    slots = json.dumps(shown.slots) if shown.slots else None
    values: list[Any] = [annotation.pk, shown.arm, shown.model, slots, slots is not None]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, values)


def unusable(task: Task) -> list[int]:
    """Reads of test patients that owe something to a model or to another reader, and so are no references of the test.

    With a prediction in sight there are none, as long as the rule above holds; an admin who also reads may have asked
    to see what was said of a case (annotation/seen.py).
    """
    reads = Annotation.objects.filter(
        case__task=task,
        case__patient__splits__task=task,
        case__patient__splits__split=PatientSplit.Split.TEST,
    )
    assisted = reads.filter(showing__slots__isnull=False).values_list("pk", flat=True)
    return sorted({*assisted, *seen.informed(reads).values_list("pk", flat=True)})
