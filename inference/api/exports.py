"""Exports: start one, list them, fetch the file. For the task's admins: the rows are everybody's answers."""

import base64
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.files import File
from django.core.files.storage import storages
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, user_of
from accounts.errors import Problem
from accounts.roles import Role
from annotation import seen
from annotation.access import TaskView, role_of
from annotation.models import Export
from inference import exports
from jobs.api import JobSerializer

PIECE = 1 << 16


class Exports(TaskView):
    """Freezes the references and writes them as CSV in the background; lists what was written."""

    wanted = Role.ADMIN

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        found = Export.objects.filter(snapshot__task=self.task).select_related("snapshot", "job")
        return Response([_shown(export) for export in found])

    @extend_schema(request=None, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: Request, task_id: int) -> Response:
        export = exports.start(self.task, user_of(request))
        return Response(
            {"id": export.pk, "job": JobSerializer(export.job).data},
            status=status.HTTP_202_ACCEPTED,
        )


class Download(APIView):
    """The file of an export, with its SHA-256 as Repr-Digest (RFC 9530) and ETag."""

    access = SIGNED_IN

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, export_id: int) -> StreamingHttpResponse:
        export = Export.objects.select_related("snapshot__task").filter(pk=export_id).first()
        role = role_of(user_of(request), export.snapshot.task) if export else None
        if export is None or role is None:
            raise Problem(404, "There is no such export.")
        if role != Role.ADMIN:
            raise Problem(403, "Only an admin of the task may fetch its exports.")
        if not export.file:
            raise Problem(409, "This export is not written yet; wait for its job.")
        try:
            file = storages["default"].open(export.file)
        except FileNotFoundError:
            raise Problem(410, "The file of this export is gone; export again.") from None
        seen.record_all(user_of(request), export.snapshot)
        return _streamed(file, export)


def _streamed(file: "File[bytes]", export: Export) -> StreamingHttpResponse:
    name = f"task-{export.snapshot.task_id}-snapshot-{export.snapshot.number}.csv"
    digest = base64.b64encode(bytes.fromhex(export.sha256)).decode()
    return StreamingHttpResponse(
        _pieces(file),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(export.size_bytes),
            "Repr-Digest": f"sha-256=:{digest}:",
            "ETag": f'"{export.sha256}"',
            "Cache-Control": "private, no-store",
        },
    )


async def _pieces(file: "File[bytes]") -> AsyncIterator[bytes]:
    """Asynchronous, as the server is: a plain iterator would be read into memory whole first."""
    with file:
        while piece := await sync_to_async(file.read)(PIECE):
            yield piece


def _shown(export: Export) -> dict[str, Any]:
    return {
        "id": export.pk,
        "state": export.job.state,
        "rows": export.rows,
        "left_out": export.left_out,
        "sha256": export.sha256,
        "size_bytes": export.size_bytes,
        "created_at": export.created_at,
        "snapshot": {"id": export.snapshot_id, "number": export.snapshot.number},
        "job": JobSerializer(export.job).data,
    }
