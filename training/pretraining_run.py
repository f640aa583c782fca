"""The body of a pre-training: the task's images → an encoder that its trainings may start from."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch  # noqa: TID253 -- only workers load this module
from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.said import Said, counted, kept, part, said_by
from annotation.catalogue import current_form
from annotation.models import Task
from jobs.models import Job
from jobs.runner import Refused, Running
from training import encoders, loading, pretraining, weights
from training.engine.batches import Images
from training.engine.pretrain import Pretraining, pretrain
from training.models import StartingWeights
from training.networks.weights import encoder_bytes
from training.pictures import Failures, Picture, images, pictures
from training.reporting import Reporting

MOST = 20_000  # images, evenly spread over the cases: more would be shown less than twice


def work(
    running: Running, task_id: int, start_id: int | None, by_id: int | None
) -> Callable[[], Mapping[str, Any]]:
    """Train, store, and return what makes the row: it takes effect with the job's end or not at all.

    Raises Refused with a sentence when another try would not help.
    """
    task = Task.objects.get(pk=task_id)
    start = StartingWeights.objects.filter(pk=start_id).first() if start_id else None
    folder = Path(settings.RUNS_FOLDER) / f"pretraining-{running.job_id}"
    tidy(folder)
    try:
        row = _trained(running, task, start, folder)
    except (ValueError, weights.BadWeights) as problem:
        raise Refused(said_by(problem)) from problem
    row.by = User.objects.filter(pk=by_id).first() if by_id else None

    def finish() -> Mapping[str, Any]:
        kept = encoders.keep(row, encoders.What.PRETRAINED)
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
        return {"weights": kept.pk, "images": kept.images}

    return finish


def _trained(
    running: Running, task: Task, start: StartingWeights | None, folder: Path
) -> StartingWeights:
    form = current_form(task)
    if form is None:
        raise ValueError(Said("The task has no form.", "task_without_form"))
    training = form.content["training"]
    said = Told(running, "pretrain", Job.objects.get(pk=running.job_id).detail)
    failures: Failures = {}
    wanted = pool(task, training)
    cache = images(wanted, said.images, failures)
    keys = list(dict.fromkeys(one.key for one in wanted if one.key not in failures))
    if len(keys) < pretraining.LEAST_CASES:
        few = f"Only {counted(len(keys), 'image')} could be read; too few to learn from."
        raise ValueError(Said(few, "few_images_read", images=len(keys)))
    encoder = pretrain(
        Images.single(*cache.array_for(keys)),
        loading.started(encoders.start_of(task, start)),
        settings_of(task, training),
        folder=folder,
        report=said.learning,
    )
    row = StartingWeights(
        task=task,
        network=encoder.name,
        sha256=weights.store(encoder_bytes(encoder.network.state_dict())),
        images=len(keys),
    )
    row.name, row.name_said = _name(len(keys))
    row.source, row.source_said = _source(encoders.name_of(task, start))
    return row


def _name(images: int) -> tuple[str, dict[str, Any]]:
    name = Said(f"Pre-trained on {images} images", "pretrained_on", images=images)
    return str(name), kept(name)


def _source(before: str) -> tuple[str, dict[str, Any]]:
    sentence = f"SimSiam on images of this task, none of a test patient; from {before}"
    return sentence[:1000], kept(Said(sentence, "pretrained_from", before=part(before)))


def pool(task: Task, training: Mapping[str, Any]) -> list[Picture]:
    """What is learned from: no picture of a test patient, nor one with the pixels of such a picture."""
    hidden = {
        picture.pixel_hash
        for bag in pictures(pretraining.cases(task, test=True), training).values()
        for picture in bag
    }
    found = [
        picture
        for bag in pictures(pretraining.cases(task, test=False), training).values()
        for picture in bag
        if picture.pixel_hash not in hidden
    ]
    if len(found) <= MOST:
        return found
    return [found[at] for at in np.linspace(0, len(found) - 1, MOST).round().astype(int)]


def settings_of(task: Task, training: Mapping[str, Any]) -> Pretraining:
    """Views at about 5/7 of the form's size; `pretrain` in its training settings may say otherwise."""
    size = max(32, round(int(training["size"]) * 5 / 7 / 32) * 32)
    told: dict[str, Any] = {
        "size": size,
        "mirror": bool(training.get("both_ways")),
        "seed": task.seed,
    }
    return Pretraining(
        **{**told, "threads": torch.get_num_threads(), **training.get("pretrain", {})}
    )


def tidy(own: Path) -> None:
    """Remove what pre-trainings that ended left behind: nobody goes on from it."""
    for folder in own.parent.glob("pretraining-*"):
        job = Job.objects.filter(pk=folder.name.rpartition("-")[2]).first()
        if folder != own and (job is None or not job.is_live):
            shutil.rmtree(folder, ignore_errors=True)


class Told(Reporting):
    """What a pre-training says while it runs."""

    def learning(self, info: Mapping[str, Any]) -> None:
        """A report of the engine; raises when it should stop."""
        number, passes = info["pass"], info["passes"]
        if info["ended"]:
            likeness, spread = f"{info['likeness']:.3f}", f"{info['spread']:.2f}"
            sentence = (
                f"Pass {number}: two views of an image alike to {likeness},"
                f" spread of the embeddings {spread} of that at the start."
            )
            told = {"number": number, "likeness": likeness, "spread": spread}
            self.say(Said(sentence, "pass_ended", **told))
        left = info["eta_seconds"] if info["step"] < info["steps"] else None
        self._now = {"eta_seconds": left, "step": info["step"]}
        text = f"Pre-training, pass {number} of {passes}"
        at = info["step"] / info["steps"]
        self._tell("fit", at, Said(text, "pass_of", number=number, passes=passes))
