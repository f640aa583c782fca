"""A task of generated cases that were read, their prepared squares in the store: all that a training asks for, no originals."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import connection
from django.db.models.functions import Now
from numpy.typing import NDArray

from accounts.models import User
from annotation.catalogue import current_form
from annotation.models import Annotation, Case, Form, Task
from annotation.tasks import create_task
from tests.benchmarks.prepare_worklist import fill
from tests.factories.annotation import free_name
from training.pictures import image_cache, pictures

CHUNK = 500
# Of ten patients seven are learned from, one and a half tuned on, as many tested on; as annotation/splits.py deals them.
SIDES = ("train",) * 14 + ("tune",) * 3 + ("test",) * 3
PIXELS = "UPDATE archive_instance SET pixel_hash = md5(sop_instance_uid) || md5(id::text) WHERE pixel_hash = ''"


def prepare(cases: int, waiting: int, learned: int, **training: Any) -> None:
    """Prints the task's id. `learned`: how many of the cases to learn from have a grade; of the others readers said
    that it cannot be assessed, so that all are loaded and few trained on."""
    task = create_task("knee-oa-kl", free_name("Throughput"), retrain_every=0)
    form = current_form(task)
    assert form is not None
    content = {**form.content, "training": {**form.content["training"], **training}}
    form = Form.objects.create(task=task, version=2, content=content)
    fill(task, cases + waiting, SIDES)
    with connection.cursor() as cursor:
        cursor.execute(PIXELS)
    found = list(Case.objects.filter(task=task).order_by("pk"))
    read(task, form, found[:cases], learned)
    store([case.pk for case in found], content["training"])
    print(json.dumps(task.pk))


def read(task: Task, form: Form, cases: list[Case], learned: int) -> None:
    splits = {case.pk: SIDES[number % len(SIDES)] for number, case in enumerate(cases)}
    reader = User.objects.create_user(f"reader-{task.pk}")
    taught = 0
    for at in range(0, len(cases), CHUNK):
        reads = []
        for case in cases[at : at + CHUNK]:
            taught += splits[case.pk] == "train"
            known = splits[case.pk] != "train" or taught <= learned
            answer = {"state": "answered", "value": grade_of(case.pk)}
            kl = answer if known else {"state": "not_assessable", "value": None}
            reads.append(
                Annotation(
                    case=case, reader=reader, form=form, state="submitted", version=1,
                    answers={"kl": kl}, saved_at=Now(), submitted_at=Now(),
                )
            )  # fmt: skip
        Annotation.objects.bulk_create(reads)
    Case.objects.filter(pk__in=splits).update(state=Case.State.READ)


def grade_of(case: int) -> int:
    return case % 5


def store(cases: list[int], training: dict[str, Any]) -> None:
    """The squares of all cases into the store that a training asks: noise with a bar that is the wider the higher the grade."""
    cache = image_cache(int(training["size"]))
    for at in range(0, len(cases), CHUNK):
        found = pictures(cases[at : at + CHUNK], training)
        keys = [bag[0].key for bag in found.values()]
        cache.put(keys, np.stack(list(squares(list(found), int(training["size"])))))


def squares(cases: list[int], size: int) -> Iterator[NDArray[np.uint8]]:
    for case in cases:
        square = np.random.default_rng(case).integers(0, 90, (size, size), dtype=np.uint8)
        square[: size // 8 * (1 + grade_of(case))] += 120
        yield square
