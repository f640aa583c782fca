"""Tasks, their forms and cases, and what readers answered.

A Task asks a Form of its Cases. A reader holds a Case by a lease and answers it in an Annotation; the reference of
a case is, for now, its single read. A Snapshot freezes references, split by patient, for training and export.
"""

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

from accounts.roles import Role
from archive.models import Patient, Series
from jobs.models import Job


class Task(models.Model):
    name = models.CharField(max_length=120)
    template = models.SlugField(max_length=60)  # file name in annotation/templates, without ending
    seed = models.PositiveIntegerField(default=1)  # of the split, the arms and the random share
    retrain_every = models.PositiveIntegerField(default=20)  # new references; 0: never by itself
    unassisted_share = models.FloatField(default=0.25)  # of reads, model hidden until submit
    random_share = models.FloatField(default=0.2)  # of the worklist, for ever (never below 0.2)
    # how far it knows the archive: annotation/arrivals.py
    looked = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="one_task_per_name"),
            models.CheckConstraint(
                condition=models.Q(random_share__gte=0.2, random_share__lte=1.0),
                name="random_share_kept",
            ),
            models.CheckConstraint(
                condition=models.Q(unassisted_share__gte=0.0, unassisted_share__lte=1.0),
                name="unassisted_share_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def topic(self) -> str:
        return f"task/{self.pk}"


class Membership(models.Model):
    task = models.ForeignKey(Task, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.READER)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="one_role_per_task")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role} of task {self.task_id}"


class Form(models.Model):
    """A published version of a task's questions; never changed, only followed by another version."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="forms")
    version = models.PositiveIntegerField()
    content = models.JSONField()  # the template's data, checked by annotation.forms
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["task", "version"], name="one_form_per_version")
        ]
        triggers = [pgtrigger.ReadOnly(name="form_is_frozen")]

    def __str__(self) -> str:
        return f"task {self.task_id}, form {self.version}"


class PatientSplit(models.Model):
    """Which side of a task's split a patient stands on: drawn once, kept for ever."""

    class Split(models.TextChoices):
        TRAIN = "train"
        TUNE = "tune"
        TEST = "test"

    task = models.ForeignKey(Task, models.CASCADE, related_name="splits")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="splits")
    split = models.CharField(max_length=5, choices=Split.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "patient"], name="one_split_per_patient")
        ]
        triggers = [
            pgtrigger.ReadOnly(name="split_never_moves"),
            pgtrigger.Protect(name="split_is_never_taken_back", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.split}"


class Case(models.Model):
    """What is read at once: one or more series or images of one patient."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READ = "read"

    task = models.ForeignKey(Task, models.CASCADE, related_name="cases")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="cases")
    # what the template's rule grouped by; unique in the task
    key = models.CharField(max_length=140)
    name = models.CharField(max_length=40)  # "P-0193 R"
    laterality = models.CharField(max_length=1, blank=True, default="")
    # of all its images, as they hang: "PA+LATERAL"
    view_position = models.CharField(max_length=16, blank=True, default="")
    # what is unclear about it: [{"code", "sentence"}, …], see annotation/flags.py
    flags = models.JSONField(default=list, db_default=[], blank=True)
    series: "models.ManyToManyField[Series, CaseSeries]" = models.ManyToManyField(
        Series, through="CaseSeries", related_name="cases"
    )
    # how often that has changed: an image that comes later joins its case while this waits
    shows = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())

    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # highest first; set by annotation.worklist.set_priorities
    priority = models.FloatField(default=0.0)
    lease_reader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leases",
        db_index=False,  # a lease changes at each claim: without an index on it, PostgreSQL updates in place
    )
    lease_until = models.DateTimeField(null=True, blank=True)

    has_other_studies: bool  # its patient; known where worklist.claim gave the case

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["task", "key"], name="one_case_per_key")]
        indexes = [
            # the worklist's claim: annotation/worklist.py
            models.Index(
                fields=["task", "-priority", "id"],
                condition=models.Q(state="waiting"),
                name="case_waiting",
            ),
            models.Index(fields=["task", "state"], name="case_progress"),  # worklist.progress
        ]

    def __str__(self) -> str:
        return self.name


class CaseSeries(models.Model):
    case = models.ForeignKey(Case, models.CASCADE, related_name="case_series")
    series = models.ForeignKey(Series, models.PROTECT, related_name="case_series")
    position = models.PositiveSmallIntegerField(default=0)
    # ids of its instances that belong to the case, as they hang: a series may hold both knees. None: all that are ready
    images = ArrayField(models.BigIntegerField(), null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "series"], name="series_once_per_case")
        ]

    def __str__(self) -> str:
        return f"{self.series_id} of case {self.case_id}"


class Prior(models.Model):
    """Images of an earlier study that hang beside a case's own: annotation/priors.py. No part of the case."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="priors")
    series = models.ForeignKey(Series, models.PROTECT, related_name="priors")
    position = models.PositiveSmallIntegerField(default=0)
    images = ArrayField(models.BigIntegerField())  # ids of its instances, as they hang

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "series"], name="prior_once_per_case")
        ]

    def __str__(self) -> str:
        return f"{self.series_id} beside case {self.case_id}"


# A mask is saved at each stroke, and whole: its history would be hundreds of times its size. So an autosave of a draft
# leaves a DraftEvent without the answers; the draft's last text is kept when the draft ends.
CHANGED = "OLD.* IS DISTINCT FROM NEW.*"
DRAFT = "OLD.state = 'draft' AND NEW.state = 'draft'"
DRAFT_ENDS = "OLD.state = 'draft' AND NEW.state <> 'draft' AND OLD.version > 0"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(
        "last_draft", condition=pgtrigger.Condition(DRAFT_ENDS), row=pghistory.Old
    ),
    pghistory.UpdateEvent(condition=pgtrigger.Condition(f"{CHANGED} AND NOT ({DRAFT})")),
    append_only=True,
)
@pghistory.track(
    pghistory.UpdateEvent("draft_saved", condition=pgtrigger.Condition(f"{CHANGED} AND {DRAFT}")),
    exclude=["answers"],
    model_name="DraftEvent",
    obj_field=pghistory.ObjForeignKey(related_name="draft_events"),
    append_only=True,
)
class Annotation(models.Model):
    """One reader's answer to one case in one round.

    Database triggers keep its history: of each change who, when and which version; the answers of each version that
    counted (submitted, amended, skipped, or changed afterwards in any way) and of the last draft before.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        SKIPPED = "skipped"

    case = models.ForeignKey(Case, models.PROTECT, related_name="annotations")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="annotations")
    round = models.PositiveSmallIntegerField(default=1)
    form = models.ForeignKey(Form, models.PROTECT, related_name="annotations")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    # one more at each save; a stale save is refused
    version = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict)  # {slot: {"state", "value"}}
    # R or L, as the reader settled it where tag, file name and answer do not agree: annotation/sides.py
    side = models.CharField(max_length=1, blank=True, default="", db_default="")
    active_seconds = models.FloatField(default=0.0)  # visible and with input
    skip_reason = models.CharField(max_length=300, blank=True, default="")
    opened_at = models.DateTimeField(db_default=Now())
    saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    amended_at = models.DateTimeField(null=True, blank=True)
    amend_reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    # to be discussed, and why: annotation/discussing.py
    flagged = models.BooleanField(default=False, db_default=False)
    flag_note = models.CharField(max_length=1000, blank=True, default="", db_default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "reader", "round"], name="one_annotation_per_round"
            )
        ]
        # a reader's drafts, and what he read today: annotation/worklist.py
        indexes = [
            models.Index(fields=["reader", "state", "submitted_at"], name="annotation_of_reader"),
            # what is to be discussed: annotation/discussing.py
            models.Index(
                fields=["case"], condition=models.Q(flagged=True), name="annotation_flagged"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} by {self.reader_id}"


class SaveKey(models.Model):
    """An idempotency key of a save with what it was told, but for the answers, which the same request brings again."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    body_hash = models.CharField(max_length=64)
    annotation = models.ForeignKey(Annotation, models.CASCADE, related_name="save_keys")
    answer = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "key"], name="one_save_per_key")]

    def __str__(self) -> str:
        return f"{self.key}"


class Seen(models.Model):
    """A person was shown what the model or another reader says of a case, outside his own read: annotation/seen.py."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="seen")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())  # the first time

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], name="seen_once_per_person")
        ]
        triggers = [pgtrigger.ReadOnly(name="seen_stays_seen")]

    def __str__(self) -> str:
        return f"{self.case_id} by {self.person_id}"


class Snapshot(models.Model):
    """A frozen, hashed set of cases with references, split by patient."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField()
    # SHA-256 over the canonical rows: see annotation/snapshots.py
    hash = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="one_snapshot_per_number")
        ]
        triggers = [
            pgtrigger.ReadOnly(name="snapshot_keeps_its_hash", fields=["task", "number", "hash"])
        ]

    def __str__(self) -> str:
        return f"task {self.task_id}, snapshot {self.number}"


class SnapshotCase(models.Model):
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="rows")
    case = models.ForeignKey(Case, models.PROTECT, related_name="snapshot_rows")
    patient = models.CharField(max_length=16)  # pseudonym
    split = models.CharField(max_length=5)
    laterality = models.CharField(max_length=1, blank=True)
    pixel_hash = models.CharField(max_length=64)
    answers = models.JSONField()
    annotation = models.ForeignKey(Annotation, models.PROTECT, related_name="+")
    annotation_version = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "case"], name="case_once_per_snapshot")
        ]
        triggers = [
            pgtrigger.Protect(
                name="snapshot_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} in snapshot {self.snapshot_id}"


class Export(models.Model):
    """A CSV of a snapshot's references, made by a job."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="exports")
    job = models.OneToOneField(Job, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    file = models.CharField(max_length=120, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    rows = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(
        default=0, db_default=0
    )  # reads that may not test a model
    size_bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"export of snapshot {self.snapshot_id}"
