"""Asked by beat every few seconds: has the archive images that a task's rule may take and that nobody looked at?

A task remembers the highest instance and those not ready when it last looked. What came since, and what was released
since, is looked at again, with the rest of its study; the rule itself decides in the job.
"""

import hashlib
import json
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from annotation import cases
from annotation.case_rule import Rule
from annotation.models import Task
from archive.models import Instance, Series
from jobs.enqueue import enqueue, gave_up
from jobs.events import announce
from jobs.models import Job


class Seen(NamedTuple):
    """How far the archive was known. Ingest writes its rows one batch after the other, so ids commit in order."""

    rule: str  # its hash: another rule looks at everything anew
    instance: int
    not_ready: list[int]


def ask(task: Task) -> Job | None:
    """Enqueue the making of cases where something came that may be one; else note that nothing did."""
    rule = cases.rule_of(task)
    now = _now(rule)
    before = _before(task, now)
    if before == now or gave_up(_key(task)):
        return None
    if not _series(rule, before, now).exists():
        Task.objects.filter(pk=task.pk).update(looked=now._asdict())
        return None
    return enqueue(
        "annotation.build_cases",
        queue="ingest",
        topic=task.topic,
        arguments={"task_id": task.pk},
        key=_key(task),
    )


@transaction.atomic
def take(task: Task) -> cases.Built:
    """The cases of what came since the last look. Nobody is put on a side of the split before he is read."""
    rule = cases.rule_of(task)
    now = _now(rule)
    studies = _series(rule, _before(task, now), now).values_list("study_id", flat=True)
    built = cases.build(task, rule, set(studies), given=None)
    Task.objects.filter(pk=task.pk).update(looked=now._asdict())
    if built.created:
        announce(task.topic, "cases", None)
    return built


def begin_here(task: Task) -> None:
    """Leaves aside what the archive holds already: only what comes from now on joins the task by itself."""
    Task.objects.filter(pk=task.pk).update(looked=_now(cases.rule_of(task))._asdict())


def _now(rule: Rule) -> Seen:
    highest = Instance.everything.aggregate(highest=Max("pk"))["highest"] or 0
    waiting = Instance.everything.exclude(state=Instance.State.READY).order_by("pk")
    digest = hashlib.sha256(json.dumps(rule).encode()).hexdigest()
    return Seen(digest, highest, list(waiting.values_list("pk", flat=True)))


def _before(task: Task, now: Seen) -> Seen:
    before = Seen(**task.looked) if task.looked else None
    return before if before and before.rule == now.rule else Seen(now.rule, 0, [])


def _series(rule: Rule, before: Seen, now: Seen) -> QuerySet[Series]:
    """The series with ready images that came or were released between the two looks."""
    released = sorted(set(before.not_ready) - set(now.not_ready))
    news = Instance.objects.filter(Q(pk__gt=before.instance) | Q(pk__in=released))
    return Series.objects.filter(
        Exists(news.filter(series=OuterRef("pk"))), modality__in=rule.modalities
    )


def _key(task: Task) -> str:
    return f"cases/{task.pk}"
