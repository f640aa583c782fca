"""What a task's trainings start from: the weights that an admin chose, else what is published for its form's network."""

from functools import cache, partial
from json import loads
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import Problem
from accounts.models import User
from accounts.said import Said, restored, said_by
from annotation.catalogue import current_form
from annotation.models import Form, Task
from annotation.volumes import reads_volumes
from jobs.events import announce
from jobs.models import Job
from training import weights
from training.engine.volumes import grid_of
from training.models import ModelVersion, StartingWeights, TrainingRun, WeightsEvent

What = WeightsEvent.What
LIVE = (Job.State.QUEUED, Job.State.RUNNING)
DEFAULT = "efficientnet_lite0"
PUBLISHED = {DEFAULT: "ImageNet, EfficientNet-Lite0 (Apache-2.0)"}  # what comes with the platform
# what networks of volumes start from
NOTHING = Said("Nothing: a full run begins with random numbers", "starts_from_nothing")
NO_WEIGHTS = Said(
    "This task reads its cases as volumes: their small network learns from nothing in a full run, and no weights are for it.",
    "no_weights_of_volumes",
)
NO_FAST = Said(
    "A fast run fits answers to what the task's own network of volumes sees, and there is none yet: start a full run, which"
    " makes one, and have its model in use.",
    "no_fast_run",
)
Shapes = dict[str, list[int]]  # of each tensor


class Start(NamedTuple):
    network: str
    sha256: str = ""  # "": what is published


@cache
def shapes() -> dict[str, Shapes]:
    """The tensors of every network, for the web process, which cannot load one; a test holds them to the networks."""
    found: dict[str, Shapes] = loads(Path(__file__).with_name("encoders_shapes.json").read_text())
    return found


def rows(task: Task) -> QuerySet[StartingWeights]:
    """Newest first."""
    found = StartingWeights.objects.filter(task=task, deleted=False)
    return found.select_related("by")


def chosen(task: Task) -> StartingWeights | None:
    return rows(task).filter(chosen=True).first()


def network_of(task: Task, form: Form | None = None) -> str:
    """The network that the task's form names; of volumes, the one for their spacing.

    `form`, here and below: an older one of the task, that a run began with.
    """
    form = form or current_form(task)
    if form is None:
        return DEFAULT
    training = form.content["training"]
    if reads_volumes(form.content):
        return f"volume{grid_of(training).flat}"
    return str(training.get("encoder", DEFAULT))


def for_volumes(task: Task, form: Form | None = None) -> bool:
    """Whether its network starts from nothing, for it reads volumes."""
    form = form or current_form(task)
    return form is not None and reads_volumes(form.content)


def published(task: Task, form: Form | None = None) -> str | None:
    """What its trainings start from where no weights are chosen, for people; None where none come with the platform."""
    return NOTHING if for_volumes(task, form) else PUBLISHED.get(network_of(task, form))


def start_of(task: Task, own: StartingWeights | None, form: Form | None = None) -> Start:
    return Start(own.network, own.sha256) if own else Start(network_of(task, form))


def nowhere_to_start(task: Task) -> str:
    """Why no training can start for want of weights, as a sentence; empty when one can."""
    network = network_of(task)
    if chosen(task) is not None or published(task):
        return ""
    if network not in shapes():
        unknown = f"The form names the encoder {network!r}; known are {', '.join(shapes())}."
        return Said(unknown, "unknown_network", network=network, known=list(shapes()))
    return Said(
        f"The form names the encoder {network}, for which no weights come with the platform: give some as safetensors"
        f' under Models, "Starts from", or name {DEFAULT} in the template.',
        "network_without_weights",
        network=network,
        default=DEFAULT,
    )


def no_fast_run(task: Task) -> str:
    """Why no fast run can start, as a sentence; empty when one can."""
    if not for_volumes(task):
        return ""
    current = ModelVersion.objects.filter(task=task, state=ModelVersion.State.CURRENT).first()
    return "" if current is not None and trained_here(current) else NO_FAST


def trained_here(version: ModelVersion) -> bool:
    """Whether its encoder was trained on the task's own references; a fast run only took over what it found."""
    same = ModelVersion.objects.filter(task=version.task_id, encoder=version.encoder)
    return same.filter(run__speed=TrainingRun.Speed.FULL).exists()


@transaction.atomic
def keep(row: StartingWeights, what: What) -> StartingWeights:
    """Write down new weights; their file is stored before."""
    row.save(force_insert=True)
    WeightsEvent.objects.create(weights=row, what=what, by=row.by)
    announce(row.task.topic, "models", row.pk)
    row.refresh_from_db()
    return row


@transaction.atomic
def choose(task: Task, wanted: int | None, by: User) -> None:
    """Let the task's next trainings start from these weights; None: from the published ones.

    Raises Problem 404 for weights that are not the task's, 409 where their file is damaged.
    """
    Task.objects.select_for_update().get(pk=task.pk)
    row = _find(task, wanted) if wanted is not None else None
    if row is not None and for_volumes(task):
        raise Problem(409, NO_WEIGHTS)
    before = chosen(task)
    if before == row:
        return
    if row is not None:
        try:
            weights.checked(row.sha256)
        except weights.BadWeights as problem:
            raise Problem(409, said_by(problem)) from problem
    for one, what in ((before, What.LEFT), (row, What.CHOSEN)):
        if one is not None:
            StartingWeights.objects.filter(pk=one.pk).update(chosen=what == What.CHOSEN)
            WeightsEvent.objects.create(weights=one, what=what, by=by)
    announce(task.topic, "models", row.pk if row else None)


@transaction.atomic
def delete(task: Task, wanted: int, by: User) -> None:
    """Raises Problem 404 for weights that are not the task's, 409 while something refers to them."""
    Task.objects.select_for_update().get(pk=task.pk)
    row = _find(task, wanted)
    if reason := _held(row):
        raise Problem(409, reason)
    StartingWeights.objects.filter(pk=row.pk).update(deleted=True)
    WeightsEvent.objects.create(weights=row, what=What.DELETED, by=by)
    if not StartingWeights.objects.filter(sha256=row.sha256, deleted=False).exists():
        transaction.on_commit(partial(weights.path_of(row.sha256).unlink, missing_ok=True))
    announce(task.topic, "models", row.pk)


def _find(task: Task, wanted: int) -> StartingWeights:
    row = rows(task).filter(pk=wanted).first()
    if row is None:
        raise Problem(404, "There are no such weights.")
    return row


def _held(row: StartingWeights) -> str:
    if row.chosen:
        used = f"{row.name} is what the task's trainings start from; choose another start first."
        return Said(used, "start_in_use", name=row.name)
    if live := row.runs.filter(job__state__in=LIVE).first():
        busy = (
            f"Run {live.pk} is under way and starts from {row.name}; delete it when that has ended."
        )
        return Said(busy, "run_holds_start", run=live.pk, name=row.name)
    pretraining = Job.objects.filter(kind="training.pretrain", state__in=LIVE)
    if pretraining.filter(arguments__start_id=row.pk).exists():
        busy = f"A pre-training is under way and starts from {row.name}; delete it when that has ended."
        return Said(busy, "pretraining_holds_start", name=row.name)
    kept = ModelVersion.objects.exclude(state=ModelVersion.State.DELETED)
    made = kept.filter(run__start=row) | kept.filter(encoder=row.sha256)
    if model := made.order_by("number").first():
        origin = (
            f"Model {model.number} was made from {row.name}; it can go when no model refers to it."
        )
        return Said(origin, "model_holds_start", model=model.number, name=row.name)
    return ""


def name_of(task: Task, own: StartingWeights | None, form: Form | None = None) -> str:
    if own is None:
        return published(task, form) or network_of(task, form)
    return restored(own.name, own.name_said)


def told(task: Task, own: StartingWeights | None, form: Form) -> dict[str, Any]:
    """What a run started from, for the card of its model."""
    if own is None:
        return {"name": name_of(task, None, form), "network": network_of(task, form)}
    return {"name": own.name, "network": own.network, "sha256": own.sha256, "source": own.source}
