"""What a task's model says of DICOM files that stay outside the archive."""

import threading
import time
from typing import Any

from django.http import HttpRequest
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import user_of
from accounts.errors import Problem
from accounts.roles import Role
from accounts.said import Said, restored
from annotation.access import TaskView
from inference import asking
from inference.api.predict import current_model
from inference.api.receiving import Receiving
from jobs.api import JobSerializer
from jobs.models import Job

NO_FILE = Said(
    "No file arrived; send each DICOM file as a part of a multipart/form-data request.",
    "outside_no_file",
)
CANCELLED = Said("The request was cancelled.", "outside_cancelled")
PAUSE = 0.1  # seconds between two looks at the job
SEATS = threading.BoundedSemaphore(
    2
)  # requests of this process that may wait; others are told the job at once


class Given(serializers.Serializer[Any]):
    laterality = serializers.ChoiceField(
        choices=["R", "L", ""], default="", help_text="Where the files do not say the side."
    )
    wait = serializers.FloatField(
        min_value=0, max_value=20, default=10.0, help_text="Seconds to wait for the answer."
    )


class PredictOutside(TaskView):
    """The files of one case, as parts of a form: 200 with what the current model says; 202 with the job where that takes
    longer, whose `result` it then is (GET /api/jobs/{id}/); 422 for files that cannot be read. Nothing of them is kept.

    For admins of the task: readers must not learn what the model says of a case before they have read it. An admin who
    sends images of the task's own cases has then seen it, as on the worklist.
    """

    wanted = Role.ADMIN
    parser_classes = [MultiPartParser]

    received: Receiving

    @extend_schema(
        request={"multipart/form-data": Given},
        responses={200: OpenApiTypes.OBJECT, 202: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, task_id: int) -> Response:
        current_model(self.task)
        given = Given(data=request.data)
        given.is_valid(raise_exception=True)
        if not self.received.tokens:
            raise Problem(400, NO_FILE)
        side = given.validated_data["laterality"]
        job = asking.for_outside(self.task, user_of(request), self.received.tokens, side)
        if SEATS.acquire(blocking=False):
            try:
                _wait(job, given.validated_data["wait"])
            finally:
                SEATS.release()
        return _answer(job)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Before anything reads the body."""
        self.received = Receiving()
        request.upload_handlers = [self.received]
        return super().initialize_request(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        self.received.forget()
        return super().handle_exception(exc)


def _wait(job: Job, seconds: float) -> None:
    until = time.monotonic() + seconds
    while job.is_live and time.monotonic() < until:
        time.sleep(PAUSE)
        job.refresh_from_db()


def _answer(job: Job) -> Response:
    if job.state == Job.State.DONE:
        return Response({"job": job.pk, **job.result})
    if job.is_live:
        return Response({"job": JobSerializer(job).data}, status=202, headers={"Retry-After": "1"})
    raise Problem(422, restored(job.error, job.error_said) if job.error else CANCELLED)
