"""What models say of cases, and what of it readers were shown."""

from django.db import models
from django.db.models.functions import Now

from annotation.models import Annotation, Case
from training.models import ModelVersion


class Prediction(models.Model):
    case = models.ForeignKey(Case, models.CASCADE, related_name="predictions")
    model = models.ForeignKey(ModelVersion, models.CASCADE, related_name="predictions")
    slots = models.JSONField()  # {slot: {"kind", "value", "probabilities", "uncertainty", …}}
    # {slot: {"image": SOP instance UID, "frame": from 1}}: the picture that its heat map is of; with "series", its UID,
    # where there is one of each of its images
    looked = models.JSONField(default=dict, db_default={})
    # Case.shows, when it was looked at
    shows = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "model"], name="one_prediction_per_model")
        ]


class HeatMap(models.Model):
    """Where the model looked for a slot; goes with the prediction."""

    prediction = models.ForeignKey(Prediction, models.CASCADE, related_name="heatmaps")
    slot = models.CharField(max_length=200)
    image = models.CharField(max_length=64)  # SOP instance UID
    frame = models.PositiveIntegerField()  # from 1
    png = models.BinaryField()  # grey, over the whole image: white is where it looked most

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prediction", "slot", "image", "frame"], name="one_heat_map_per_picture"
            )
        ]

    def __str__(self) -> str:
        return f"{self.slot} of prediction {self.prediction_id} on {self.image}, frame {self.frame}"


class Unreadable(models.Model):
    """A case whose pictures the models could not read (quarantine.py)."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="unreadable")
    pixels = models.CharField(max_length=64)  # SHA-256 over what was tried
    tries = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=300)  # of the last try, for people
    again_at = models.DateTimeField(null=True)  # null: never by itself

    def __str__(self) -> str:
        return f"case {self.case_id}, {self.tries} tries"


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
