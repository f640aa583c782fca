"""What the archive holds: Patient → Study → Series → Instance, by DICOM's own names."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now

from jobs.models import Job

from . import study_triggers


class Patient(models.Model):
    patient_id = models.CharField(max_length=64, unique=True)  # (0010,0020), as de-identified
    pseudonym = models.CharField(max_length=16, unique=True)  # what pages show: "P-0193"
    patient_sex = models.CharField(max_length=1, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.pseudonym


class StudyKind(models.Model):
    """What sort of images a study holds: few of these stand for all studies, so that studies are quickly counted."""

    modalities = ArrayField(models.CharField(max_length=16))  # sorted, none twice
    body_parts = ArrayField(models.CharField(max_length=16))  # sorted, none twice
    laterality = models.CharField(max_length=1, blank=True)  # R, L, B or ""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["modalities", "body_parts", "laterality"], name="one_kind_of_study"
            )
        ]

    def __str__(self) -> str:
        return " ".join([*self.modalities, *self.body_parts, self.laterality]).strip()


class Study(models.Model):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="studies")
    study_instance_uid = models.CharField(max_length=64, unique=True)
    study_date = models.DateField(null=True, blank=True)
    study_time = models.CharField(
        max_length=16, blank=True, default=""
    )  # TM, as it stands in the file
    study_description = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    # What the Data page lists, of ready images alone: kept by the database whoever writes (archive/study_triggers.py).
    kind = models.ForeignKey(
        StudyKind, models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    instance_count = models.PositiveIntegerField(default=0, editable=False)
    thumbnail_uid = models.CharField(max_length=64, blank=True, default="", editable=False)
    words = SearchVectorField(null=True, editable=False)  # in small letters, for prefix search

    class Meta:
        verbose_name_plural = "studies"
        indexes = [
            # small, and all that counting needs: studies.py
            models.Index(
                fields=["kind"],
                include=["instance_count"],
                condition=models.Q(kind__isnull=False),
                name="study_by_kind",
            ),
            GinIndex(fields=["words"], fastupdate=False, name="study_by_word"),
        ]

    def __str__(self) -> str:
        return self.study_instance_uid


class Series(models.Model):
    study = models.ForeignKey(Study, models.PROTECT, related_name="series")
    series_instance_uid = models.CharField(max_length=64, unique=True)
    modality = models.CharField(max_length=16)
    body_part_examined = models.CharField(max_length=16, blank=True, default="")
    laterality = models.CharField(max_length=1, blank=True, default="")  # R, L, B or ""
    view_position = models.CharField(max_length=16, blank=True, default="")
    series_description = models.CharField(max_length=64, blank=True, default="")
    series_number = models.IntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "series"
        indexes = [models.Index(fields=["modality", "body_part_examined"], name="series_what")]
        triggers = [study_triggers.SERIES_CHANGED]

    def __str__(self) -> str:
        return self.series_instance_uid


class ReadyInstances(models.Manager["Instance"]):
    """What anybody may see: nothing that waits for a look at its pixels."""

    def get_queryset(self) -> models.QuerySet["Instance"]:
        return super().get_queryset().filter(state=Instance.State.READY)


class Instance(models.Model):
    class State(models.TextChoices):
        READY = "ready"
        CHECKING = "checking"  # the text detector has not looked at it yet
        HELD = "held"  # may show a name: an admin masks or releases it

    series = models.ForeignKey(Series, models.PROTECT, related_name="instances")
    sop_instance_uid = models.CharField(max_length=64, unique=True)
    sop_class_uid = models.CharField(max_length=64)
    transfer_syntax_uid = models.CharField(max_length=64)
    instance_number = models.IntegerField(null=True, blank=True)
    rows = models.PositiveIntegerField()
    columns = models.PositiveIntegerField()
    number_of_frames = models.PositiveIntegerField(default=1)
    bits_stored = models.PositiveSmallIntegerField()
    photometric_interpretation = models.CharField(max_length=16)

    file = models.CharField(max_length=80)  # path in the "originals" storage: ab/cd/<sha256>.dcm
    file_hash = models.CharField(max_length=64, db_index=True)  # SHA-256 of the stored bytes
    source_hash = models.CharField(max_length=64, db_index=True)  # SHA-256 of the bytes that came
    pixel_hash = models.CharField(max_length=64, db_index=True)  # SHA-256 of the pixel data element
    size_bytes = models.PositiveBigIntegerField()
    # byte ranges of the frames in the file: [[[offset, length], …fragments], …frames]
    frames = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)  # DICOM JSON model (PS3.18 F), without bulk data
    created_at = models.DateTimeField(db_default=Now())

    state = models.CharField(max_length=8, choices=State.choices, default=State.READY)
    # R or L where its file's name said so; the name itself is kept sealed only: archive/name_side.py
    name_side = models.CharField(max_length=1, blank=True, default="", db_default="")
    # what the text detector read of side and view in its pixels: "PA R"
    markers = models.CharField(max_length=400, blank=True, default="", db_default="")
    # why it is held: [{"code", "sentence"}]; where text was found: [[x, y, width, height], …] in pixels, never the text
    hold_reasons = models.JSONField(default=list)
    text_boxes = models.JSONField(default=list)
    masked_boxes = models.JSONField(default=list)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)

    # the first is Django's default: what is held must be asked for by name
    objects = ReadyInstances()
    everything = models.Manager["Instance"]()

    class Meta:
        indexes = [
            # the hold queue and the text detector's work
            models.Index(
                fields=["state", "id"],
                condition=~models.Q(state="ready"),
                name="instance_not_ready",
            )
        ]
        triggers = study_triggers.INSTANCES_CHANGED

    def __str__(self) -> str:
        return self.sop_instance_uid


class IdentityLink(models.Model):
    """Who a study was of before it was de-identified: sealed, for admins; none where the installation keeps none."""

    study = models.OneToOneField(Study, models.CASCADE, related_name="identity_link")
    sealed = models.BinaryField()  # archive/sealing.py
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"link of {self.study_id}"


class Upload(models.Model):
    """One delivery of files, whichever way it came; what became of each stands in its items."""

    class Way(models.TextChoices):
        PAGE = "page"
        COMMAND = "command"
        STOW = "stow"
        LISTENER = "listener"

    class State(models.TextChoices):
        RECEIVING = "receiving"
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"
        FAILED = "failed"

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="uploads"
    )
    created_at = models.DateTimeField(db_default=Now())
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.PAGE)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DONE)
    job = models.OneToOneField(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    taken = models.PositiveIntegerField(default=0)
    already = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"upload {self.pk}"


class UploadFile(models.Model):
    """A file on its way in by the tus protocol; its bytes lie under the data folder until they are ingested."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="files")
    token = models.UUIDField(unique=True)  # its name in addresses and on the disk
    sealed_name = models.BinaryField()  # a file's name is often a patient's: archive/sealing.py
    size_bytes = models.PositiveBigIntegerField()
    received_bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.token}"


class UploadItem(models.Model):
    """What became of one file of a delivery."""

    class Outcome(models.TextChoices):
        TAKEN = "taken"
        ALREADY = "already"
        HELD = "held"
        REFUSED = "refused"

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="items")
    sealed_name = models.BinaryField()  # a file's name is often a patient's: archive/sealing.py
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    code = models.CharField(
        max_length=40, blank=True, default=""
    )  # of a refusal, see docs/archive.md
    reason = models.CharField(
        max_length=500, blank=True, default=""
    )  # a sentence without its subject, the name
    tag = models.CharField(max_length=8, blank=True, default="")  # "00280010"
    offset = models.PositiveBigIntegerField(null=True, blank=True)
    sop_instance_uid = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["upload", "outcome", "id"], name="item_by_outcome")]

    def __str__(self) -> str:
        return f"{self.outcome} in upload {self.upload_id}"
