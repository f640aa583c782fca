"""What the archive holds: Patient → Study → Series → Instance, by DICOM's own names."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Patient(models.Model):
    patient_id = models.CharField(max_length=64, unique=True)  # (0010,0020), as de-identified
    pseudonym = models.CharField(max_length=16, unique=True)  # what pages show: "P-0193"
    patient_sex = models.CharField(max_length=1, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.pseudonym


class Study(models.Model):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="studies")
    study_instance_uid = models.CharField(max_length=64, unique=True)
    study_date = models.DateField(null=True, blank=True)
    study_description = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "studies"

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
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "series"
        indexes = [models.Index(fields=["modality", "body_part_examined"], name="series_what")]

    def __str__(self) -> str:
        return self.series_instance_uid


class Instance(models.Model):
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

    def __str__(self) -> str:
        return self.sop_instance_uid


class Upload(models.Model):
    """One delivery of files, with what became of each."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="uploads"
    )
    created_at = models.DateTimeField(db_default=Now())
    # [{"name", "outcome": taken|already|refused, "reason", "sop_instance_uid"}]
    items = models.JSONField(default=list)
    taken = models.PositiveIntegerField(default=0)
    already = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"upload {self.pk}"
