"""The demo readers at work: through the same code as a person's reads, claim, arm, submit."""

from collections.abc import Mapping

import numpy as np
from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from annotation.images import of_cases
from annotation.models import Case, PatientSplit, Task
from annotation.reading import Save, submit
from annotation.worklist import claim, set_priorities
from archive.models import Instance
from config.demo.plan import Answer
from inference import arms

TEST_SHARE = 0.35  # of the demo's reads: enough locked test patients for the gate's first question


def read(
    task: Task, readers: list[User], answers: Mapping[str, Answer], key: str, count: int
) -> None:
    """`answers` by what `key` names of an image, as config.demo.plan has them."""
    rng = np.random.default_rng(task.seed)
    cases = chosen(task, answers, key, count)
    set_priorities(task, {case: 1000.0 - n for n, case in enumerate(cases)})
    for number in range(len(cases)):
        reader = readers[number % len(readers)]
        annotation = claim(task, reader)
        if annotation is None:
            return
        arms.draw(task, annotation)
        known_by = of_cases([annotation.case_id]).values_list(key, flat=True)[0]
        said = answers[known_by](rng)
        submit(annotation.pk, reader, Save(annotation.version, said), f"demo-{annotation.pk}")


def chosen(task: Task, answers: Mapping[str, Answer], key: str, count: int) -> list[int]:
    """Phantoms to read first: so many of test patients that the gate can answer, the rest to learn from.

    Somebody's own images, taken in while the demo loads, are cases of the task too and nobody's to read here.
    """
    test = PatientSplit.objects.filter(task=task, split=PatientSplit.Split.TEST).values("patient")
    phantoms = Instance.objects.filter(**{f"{key}__in": list(answers)})
    waiting = Case.objects.filter(
        task=task, state=Case.State.WAITING, series__in=phantoms.values("series")
    ).distinct()
    to_test = one_by_patient(waiting.filter(patient__in=test))[: round(count * TEST_SHARE)]
    to_learn = one_by_patient(waiting.exclude(patient__in=test))[: count - len(to_test)]
    return to_test + to_learn


def one_by_patient(cases: QuerySet[Case]) -> list[int]:
    """Ids, every patient's first case before anybody's second."""
    turn = Window(RowNumber(), partition_by="patient", order_by="id")
    found = Case.objects.filter(pk__in=cases.values("pk")).annotate(turn=turn)
    return list(found.order_by("turn", "id").values_list("pk", flat=True))
