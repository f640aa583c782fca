"""Ask for a pre-training of a task's encoder on the task's images, labelled or not; the work is training/pretraining_run.py.

An image of a test patient never is among them, not even without its label: an encoder that has seen the locked test's own
images suits them better than those of the next patient, and the figures would say too much. So every patient's side is
drawn before, and an image whose pixels stand on the test side under another name is left out as well.
"""

from django.db import transaction

from accounts.errors import Problem
from accounts.models import User
from accounts.said import Said, there_are
from annotation import splits
from annotation.models import Case, PatientSplit, Task
from archive.models import Patient
from jobs.enqueue import enqueue
from jobs.models import Job
from training import encoders

LEAST_CASES = 64  # two batches


def newest(task: Task) -> Job | None:
    """The task's last pre-training, under way or not."""
    return Job.objects.filter(key=_key(task)).order_by("-id").first()


@transaction.atomic
def start(task: Task, by: User | None) -> Job:
    """Raises Problem 409 where one is under way, or there is too little to learn from or nothing to start from."""
    task = Task.objects.select_for_update().get(pk=task.pk)
    last = newest(task)
    if last is not None and last.is_live:
        busy = "A pre-training is still under way; wait for it or cancel it first."
        raise Problem(409, Said(busy, "pretraining_under_way"))
    if reason := encoders.nowhere_to_start(task):
        raise Problem(409, reason)
    if encoders.for_volumes(task):
        raise Problem(409, encoders.NO_WEIGHTS)
    splits.assign(task, Patient.objects.filter(cases__task=task).distinct())
    pool = len(cases(task, test=False))
    if pool < LEAST_CASES:
        found = there_are(pool, "case")
        few = f"Outside the locked test {found}; a pre-training needs {LEAST_CASES}."
        raise Problem(409, Said(few, "few_to_pretrain", cases=pool, least=LEAST_CASES))
    own = encoders.chosen(task)
    return enqueue(
        "training.pretrain",
        queue="train",
        topic=task.topic,
        owner=by,
        arguments={
            "task_id": task.pk,
            "start_id": own.pk if own else None,
            "by_id": by.pk if by else None,
        },
        key=_key(task),
    )


def cases(task: Task, *, test: bool) -> list[int]:
    """The task's cases on the test side, or on the others; whoever has no side yet stands on neither."""
    side = PatientSplit.objects.filter(task=task)
    tested = PatientSplit.Split.TEST
    side = side.filter(split=tested) if test else side.exclude(split=tested)
    found = Case.objects.filter(task=task, patient__in=side.values("patient")).order_by("pk")
    return list(found.values_list("pk", flat=True))


def _key(task: Task) -> str:
    return f"pretrain/{task.pk}"
