"""What models say of cases, and what of it readers were shown."""

from django.db import models
from django.db.models.functions import Now

from annotation.models import Annotation, Case
from training.models import ModelVersion


class Prediction(models.Model):
    case = models.ForeignKey(Case, models.CASCADE, related_name="predictions")
    model = models.ForeignKey(ModelVersion, models.CASCADE, related_name="predictions")
    slots = models.JSONField()  # {slot: {"kind", "value", "probabilities", "uncertainty", …}}
    uncertainty = models.FloatField()  # 0 to 1, the largest of its slots
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "model"], name="one_prediction_per_model")
        ]


class Showing(models.Model):
    """The arm of a read and, where the arm allowed it, the very prediction that the reader saw."""

    class Arm(models.TextChoices):
        ASSISTED = "assisted"
        UNASSISTED = "unassisted"

    annotation = models.OneToOneField(Annotation, models.CASCADE, related_name="showing")
    arm = models.CharField(max_length=10, choices=Arm.choices)
    model = models.ForeignKey(ModelVersion, models.PROTECT, null=True, blank=True, related_name="+")
    slots = models.JSONField(null=True, blank=True)  # as shown; null: nothing was shown
    shown_at = models.DateTimeField(null=True, blank=True)
