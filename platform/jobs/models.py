"""A Job is one piece of background work. This row is the truth; the broker only rings the bell."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Job(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=80)  # the name of a handler: "training.train"
    queue = models.CharField(max_length=20)
    topic = models.CharField(max_length=80, blank=True, default="")  # whom it concerns: "task/3"
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    arguments = models.JSONField(default=dict)
    # NULL, not "": jobs without a key never collide
    key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    not_before = models.DateTimeField(db_default=Now())
    cancel_requested = models.BooleanField(default=False)
    rung_at = models.DateTimeField(
        null=True, blank=True
    )  # the last bell: the sweeper waits after it

    # The lease: who works on it, until when by the database's clock, under which fencing token.
    worker = models.CharField(max_length=120, blank=True, default="")
    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    progress = models.FloatField(default=0.0)  # 0 to 1
    text = models.CharField(max_length=300, blank=True, default="")
    text_said = models.JSONField(
        default=dict, db_default={}
    )  # its code, for pages (accounts/said.py)
    detail = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    error_said = models.JSONField(default=dict, db_default={})
    result = models.JSONField(default=dict)

    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_live_job_per_key",
            )
        ]
        indexes = [
            # the sweeper's and the claim's question
            models.Index(
                fields=["not_before"],
                condition=models.Q(state__in=["queued", "running"]),
                name="job_live",
            ),
            models.Index(fields=["topic", "-id"], name="job_topic"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} ({self.state})"

    @property
    def is_live(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def heard_by(self) -> str:
        """The topic on which its changes are announced: its own, else its owner's, else none."""
        return self.topic or (f"user/{self.owner_id}" if self.owner_id else "")
