"""A TrainingRun learns from a Snapshot and yields a ModelVersion; the gate decides whether it becomes current.

What its encoder starts from is StartingWeights, or what comes published with the platform.
"""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from annotation.models import Case, Form, Snapshot, Task
from jobs.models import Job


class StartingWeights(models.Model):
    """An encoder that the task's trainings may start from: published weights that an admin gave, or pre-trained ones."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="starting_weights")
    name = models.CharField(max_length=120)
    name_said = models.JSONField(default=dict, db_default={})  # its code (accounts/said.py)
    network = models.CharField(max_length=40)  # a name in training.networks
    sha256 = models.CharField(max_length=64)  # of the stored tensors: its file's name
    file_sha256 = models.CharField(max_length=64, blank=True, default="")  # as it was given
    source = models.CharField(max_length=1000)  # where it comes from, under which licence
    source_said = models.JSONField(default=dict, db_default={})
    images = models.PositiveIntegerField(null=True)  # pre-trained on so many; None: given
    chosen = models.BooleanField(default=False)
    deleted = models.BooleanField(default=False)  # its file is gone; the row tells of it for ever
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=models.Q(chosen=True), name="one_start_per_task"
            ),
            models.CheckConstraint(
                condition=~models.Q(chosen=True, deleted=True), name="no_start_without_weights"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WeightsEvent(models.Model):
    """What was done to starting weights, when and by whom: only ever added to."""

    class What(models.TextChoices):
        UPLOADED = "uploaded"
        PRETRAINED = "pretrained"
        CHOSEN = "chosen"
        LEFT = "left"  # for others, or for the published start
        DELETED = "deleted"

    weights = models.ForeignKey(StartingWeights, models.PROTECT, related_name="events")
    what = models.CharField(max_length=10, choices=What.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        triggers = [
            pgtrigger.Protect(
                name="weights_history_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.weights_id}: {self.what}"


class TrainingRun(models.Model):
    class Speed(models.TextChoices):
        FAST = "fast"
        FULL = "full"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        REFUSED = "refused"  # trained, and stopped by the gate
        FAILED = "failed"
        CANCELLED = "cancelled"

    task = models.ForeignKey(Task, models.PROTECT, related_name="runs")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="runs")
    # of all its attempts; None of runs from before it was kept: the task's of now
    form = models.ForeignKey(Form, models.PROTECT, null=True, related_name="+")
    job = models.OneToOneField(Job, models.PROTECT, related_name="training_run")
    speed = models.CharField(max_length=4, choices=Speed.choices)
    trigger = models.CharField(max_length=200)  # why it started, for people
    trigger_said = models.JSONField(default=dict, db_default={})  # its code (accounts/said.py)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    start = models.ForeignKey(
        StartingWeights, models.PROTECT, null=True, blank=True, related_name="runs"
    )  # None: what is published for the form's network
    references = models.PositiveIntegerField()  # answered cases in the train and tune splits
    seed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]


class ModelVersion(models.Model):
    class State(models.TextChoices):
        CANDIDATE = "candidate"
        CURRENT = "current"
        RETIRED = "retired"
        REFUSED = "refused"
        DELETED = "deleted"  # its weights are gone; the row tells for ever what readers were shown

    task = models.ForeignKey(Task, models.PROTECT, related_name="models")
    number = models.PositiveIntegerField()
    run = models.OneToOneField(TrainingRun, models.PROTECT, related_name="model")
    weights = models.CharField(max_length=64)  # SHA-256, which is also its file's name
    encoder = models.CharField(max_length=64)  # SHA-256 of the encoder within
    metrics = models.JSONField(default=dict)  # {slot: metrics on the locked test}
    gate = models.JSONField(default=dict)
    card = models.JSONField(default=dict, db_default={})  # see training/recording.py
    state = models.CharField(max_length=10, choices=State.choices, default=State.CANDIDATE)
    created_at = models.DateTimeField(db_default=Now())
    promoted_at = models.DateTimeField(null=True, blank=True)
    promoted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="one_model_per_number"),
            models.UniqueConstraint(
                fields=["task"],
                condition=models.Q(state="current"),
                name="one_current_model_per_task",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} model {self.number}"


class Measured(models.Model):
    """What a version said of one case of the locked test when it was judged. Never shown to who reads the task."""

    model = models.ForeignKey(ModelVersion, models.CASCADE, related_name="measured")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    slots = models.JSONField()  # as Prediction has them

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "case"], name="measured_once_per_model")
        ]

    def __str__(self) -> str:
        return f"{self.model_id} on case {self.case_id}"


class Comparison(models.Model):
    """Two versions on the cases of the locked test that both were measured on; made once, by a job."""

    older = models.ForeignKey(ModelVersion, models.CASCADE, related_name="+")
    newer = models.ForeignKey(ModelVersion, models.CASCADE, related_name="+")
    job = models.OneToOneField(Job, models.PROTECT, related_name="+")
    result = models.JSONField(null=True, blank=True)  # see training/comparison.py

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["older", "newer"], name="one_comparison_per_pair")
        ]

    def __str__(self) -> str:
        return f"{self.older_id} against {self.newer_id}"


class ModelEvent(models.Model):
    """What was done to a version, when and by whom: only ever added to."""

    class What(models.TextChoices):
        MADE = "made"
        PROMOTED = "promoted"
        ROLLED_BACK = "rolled_back"  # promoted in place of a newer one
        RETIRED = "retired"
        DELETED = "deleted"
        DOWNLOADED = "downloaded"

    model = models.ForeignKey(ModelVersion, models.PROTECT, related_name="events")
    what = models.CharField(max_length=12, choices=What.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )  # None: nobody asked for it
    reason = models.TextField(blank=True, default="")  # the gate says a sentence of each answer
    reason_said = models.JSONField(default=dict, db_default={})  # none of what a person wrote
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        triggers = [
            pgtrigger.Protect(
                name="model_history_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_id}: {self.what}"


class Decision(models.Model):
    """Why a training did or did not start, at the last time it was asked; one row a task."""

    task = models.OneToOneField(Task, models.CASCADE, related_name="training_decision")
    at = models.DateTimeField(db_default=Now())
    started = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    reason_said = models.JSONField(default=dict, db_default={})
