"""What a task's trainings start from: give weights, choose some, delete them, pre-train on the task's own images."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import user_of
from accounts.errors import Problem
from accounts.parsers import Json
from accounts.roles import Role
from accounts.said import kept, said_by
from annotation.access import TaskView
from annotation.models import Task
from jobs.api import JobSerializer
from training import encoders, encoders_upload, pretraining, promotion
from training.models import StartingWeights

ALLOWANCE = 1 << 20  # of a request beside its file


def row_json(row: StartingWeights) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "name_said": row.name_said,
        "network": row.network,
        "sha256": row.sha256,
        "file_sha256": row.file_sha256,
        "source": row.source,
        "source_said": row.source_said,
        "images": row.images,
        "chosen": row.chosen,
        "by": row.by.display_name if row.by else None,
        "created_at": row.created_at,
    }


def task_json(task: Task) -> dict[str, Any]:
    network, job = encoders.network_of(task), pretraining.newest(task)
    current, published = promotion.current(task), encoders.published(task)
    missing = encoders.nowhere_to_start(task)
    return {
        "published": {"network": network, "name": published, "name_said": kept(published or "")},
        "takes_weights": not encoders.for_volumes(task),
        "missing": missing,
        "missing_said": kept(missing),
        "own": current.number if current and encoders.trained_here(current) else None,
        "weights": [row_json(row) for row in encoders.rows(task)],
        "networks": list(encoders.shapes()),
        "job": JobSerializer(job).data if job else None,
    }


class Upload(serializers.Serializer[dict[str, Any]]):
    file = serializers.FileField()
    network = serializers.ChoiceField(choices=list(encoders.shapes()))
    name = serializers.CharField(max_length=120)
    source = serializers.CharField(max_length=1000)  # type: ignore[assignment]  # the request's own word


class Encoders(TaskView):
    """What there is to start from, for every member; an admin gives weights as safetensors."""

    parser_classes = (MultiPartParser, Json)

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        return Response(task_json(self.task))

    @extend_schema(request={"multipart/form-data": Upload}, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, task_id: int) -> Response:
        if self.role != Role.ADMIN:
            raise Problem(403, "Only an admin of the task may give it weights.")
        if int(request.META.get("CONTENT_LENGTH") or 0) > encoders_upload.MOST_BYTES + ALLOWANCE:
            raise Problem(413, encoders_upload.TOO_LARGE)
        given = Upload(data=request.data)
        given.is_valid(raise_exception=True)
        file: UploadedFile = given.validated_data.pop("file")
        try:
            row, left_out = encoders_upload.take(
                self.task, file, by=user_of(request), **given.validated_data
            )
        except encoders_upload.BadUpload as problem:
            raise Problem(400, said_by(problem)) from problem
        return Response({**row_json(row), "left_out": left_out}, status=status.HTTP_201_CREATED)


class Which(serializers.Serializer[dict[str, Any]]):
    id = serializers.IntegerField(allow_null=True)


class Choose(TaskView):
    """`id` of weights, or null for what is published."""

    wanted = Role.ADMIN

    @extend_schema(request=Which, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, task_id: int) -> Response:
        given = Which(data=request.data)
        given.is_valid(raise_exception=True)
        encoders.choose(self.task, given.validated_data["id"], user_of(request))
        return Response(task_json(self.task))


class Delete(TaskView):
    wanted = Role.ADMIN

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, task_id: int, weights_id: int) -> Response:
        encoders.delete(self.task, weights_id, user_of(request))
        return Response(task_json(self.task))


class Pretrain(TaskView):
    """Starts a pre-training on the task's images: 202 with its job, 409 with the reason where none can start."""

    wanted = Role.ADMIN

    @extend_schema(request=None, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: Request, task_id: int) -> Response:
        job = pretraining.start(self.task, user_of(request))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
