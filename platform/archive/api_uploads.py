"""/api/uploads/: deliveries, their files by the tus protocol (tus.io, 1.0.0), their ingest and its report."""

import tempfile
from base64 import b64decode
from binascii import Error as BadBase64
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import FileResponse
from django.urls import URLPattern, path
from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import STAFF, find, user_of
from accounts.errors import Problem
from jobs.cancel import cancel
from jobs.enqueue import enqueue
from jobs.models import Job

from . import receive
from .models import Upload, UploadFile, UploadItem
from .report_csv import item_dict, write_report
from .tidy import KEPT
from .uploads import forget_files, set_state, state_of

VERSION = "1.0.0"
TUS = {
    "Tus-Resumable": VERSION,
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,creation-with-upload,termination,expiration",
    "Tus-Max-Size": str(receive.MAX_BYTES),
}
BYTES = "application/offset+octet-stream"
LISTED, PAGE = 50, 200


def routes() -> list[URLPattern]:
    """The routes under /api/."""
    return [
        path("uploads/", UploadsView.as_view()),
        path("uploads/<int:pk>/", UploadView.as_view()),
        path("uploads/<int:pk>/files/", FilesView.as_view()),
        path("uploads/<int:pk>/files/<uuid:token>/", FileView.as_view()),
        path("uploads/<int:pk>/start/", StartView.as_view()),
        path("uploads/<int:pk>/cancel/", CancelView.as_view()),
        path("uploads/<int:pk>/items/", ItemsView.as_view()),
        path("uploads/<int:pk>/report.csv", ReportView.as_view()),
    ]


class UploadsView(APIView):
    access = STAFF

    def get(self, request: Request) -> Response:
        return Response([summary(upload) for upload in counted()[:LISTED]])

    def post(self, request: Request) -> Response:
        """A new, empty delivery; its files come next, at files/."""
        request.data  # noqa: B018 -- whoever sends files here is told that it takes none
        upload = Upload.objects.create(by=user_of(request), state=Upload.State.RECEIVING)
        return Response(shown(upload.pk), status=201)


class UploadView(APIView):
    access = STAFF

    def get(self, request: Request, pk: int) -> Response:
        return Response(shown(pk))


class StartView(APIView):
    access = STAFF

    def post(self, request: Request, pk: int) -> Response:
        """Ingests what has arrived; one that failed goes on where it was."""
        with transaction.atomic():
            upload = find(Upload.objects.select_for_update(of=("self",)), pk=pk)
            if state_of(upload) not in (Upload.State.RECEIVING, Upload.State.FAILED):
                raise Problem(409, "This upload was started already, or has ended.")
            if upload.way != Upload.Way.PAGE or not upload.files.exists():
                raise Problem(409, "This upload has no files yet; send some first.")
            if late := upload.files.filter(received_bytes__lt=F("size_bytes")).count():
                raise Problem(
                    409, f"{late:,} files have not arrived whole; send the rest, or remove them."
                )
            upload.job = enqueue(
                "archive.ingest",
                queue="ingest",
                owner=user_of(request),
                arguments={"upload_id": pk},
                key=f"archive.ingest/{pk}",
            )
            upload.save(update_fields=["job"])
            set_state(upload, Upload.State.WAITING)
        return Response({"upload": shown(pk), "job": job_dict(upload.job)}, status=202)


class CancelView(APIView):
    access = STAFF

    def post(self, request: Request, pk: int) -> Response:
        """What was taken stays; what was not read yet is thrown away. Nothing when it is over."""
        with transaction.atomic():
            upload = find(Upload.objects.select_for_update(of=("self",)), pk=pk)
            job = cancel(upload.job) if upload.job else None
            waits = (
                upload.state == Upload.State.WAITING and job and job.state == Job.State.CANCELLED
            )
            if upload.state == Upload.State.RECEIVING or waits:
                set_state(upload, Upload.State.CANCELLED)
                transaction.on_commit(lambda: forget_files(upload))
        return Response(shown(pk))


class ItemsView(APIView):
    access = STAFF

    def get(self, request: Request, pk: int) -> Response:
        """What became of each file, in the order in which they were looked at."""
        items = find(Upload.objects.all(), pk=pk).items.order_by("pk")
        if outcome := request.query_params.get("outcome"):
            if outcome not in UploadItem.Outcome.values:
                raise Problem(400, f"An outcome is one of {', '.join(UploadItem.Outcome.values)}.")
            items = items.filter(outcome=outcome)
        cursor = request.query_params.get("cursor") or "0"
        if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 18:
            raise Problem(400, "The cursor is not one that this list gave.")
        found = list(items.filter(pk__gt=int(cursor))[: PAGE + 1])
        page = found[:PAGE]
        following = str(page[-1].pk) if len(found) > PAGE else None
        return Response({"results": [item_dict(item) for item in page], "next": following})


class ReportView(APIView):
    access = STAFF

    def get(self, request: Request, pk: int) -> FileResponse:
        upload = find(Upload.objects.all(), pk=pk)
        # written before it is sent: a slow client holds no connection to the database
        file = tempfile.TemporaryFile()  # noqa: SIM115 -- the response closes it
        with open(file.fileno(), "w", encoding="utf-8-sig", newline="", closefd=False) as text:
            write_report(text, upload)
        file.seek(0)
        return FileResponse(
            file,
            as_attachment=True,
            filename=f"upload-{pk}.csv",
            content_type="text/csv; charset=utf-8",
            headers={"Cache-Control": "private, no-store"},
        )


class Tus(APIView):
    """What all of the protocol's answers have in common."""

    access = STAFF

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            raise Problem(412, f"Say which tus protocol you speak: Tus-Resumable: {VERSION}.")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for header, value in (TUS | {"Cache-Control": "no-store"}).items():
            response[header] = value
        return response

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)


class FilesView(Tus):
    def post(self, request: Request, pk: int) -> Response:
        """Announces a file: Upload-Length and Upload-Metadata; it may bring its first bytes along."""
        find(Upload.objects.all(), pk=pk)
        size = number(request, "Upload-Length")
        file = receive.create(pk, name_in(request), size)
        offset = 0
        if request.content_type == BYTES:
            offset = receive.append(pk, file.token, 0, content_length(request), request._request)
        where = {"Location": f"/api/uploads/{pk}/files/{file.token}/"}
        return Response(status=201, headers=where | state(file, offset))


class FileView(Tus):
    def head(self, request: Request, pk: int, token: UUID) -> Response:
        file = find(UploadFile.objects.select_related("upload"), upload=pk, token=token)
        length = {"Upload-Length": str(file.size_bytes)}
        return Response(status=200, headers=state(file, file.received_bytes) | length)

    def patch(self, request: Request, pk: int, token: UUID) -> Response:
        if request.content_type != BYTES:
            raise Problem(415, f"The bytes of a file come as {BYTES}.")
        offset = number(request, "Upload-Offset")
        length = content_length(request)
        offset = receive.append(pk, token, offset, length, request._request)
        file = find(UploadFile.objects.select_related("upload"), upload=pk, token=token)
        return Response(status=204, headers=state(file, offset))

    def delete(self, request: Request, pk: int, token: UUID) -> Response:
        receive.remove(pk, token)
        return Response(status=204)

    def post(self, request: Request, pk: int, token: UUID) -> Response:
        """For clients behind proxies that know no PATCH and DELETE."""
        method = request.headers.get("X-HTTP-Method-Override", "").upper()
        if method not in ("PATCH", "DELETE"):
            raise Problem(405, "Send the bytes of a file with PATCH.")
        return (
            self.patch(request, pk, token) if method == "PATCH" else self.delete(request, pk, token)
        )


def state(file: UploadFile, offset: int) -> dict[str, str]:
    expires = file.upload.created_at + KEPT
    return {"Upload-Offset": str(offset), "Upload-Expires": http_date(expires.timestamp())}


def number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Problem(400, f"The header {header} must be a number of bytes.")
    return int(text)


def content_length(request: Request) -> int:
    """What the request says that it brings; the bytes that came may be fewer, where the line was cut."""
    return number(request, "Content-Length")


def name_in(request: Request) -> str:
    """The file's path or name in Upload-Metadata: `key base64, key base64`."""
    values: dict[str, str] = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, encoded = pair.strip().partition(" ")
        try:
            values[key] = b64decode(encoded, validate=True).decode("utf-8", "replace")
        except BadBase64 as exc:
            raise Problem(
                400, "The header Upload-Metadata must hold names and base64 values."
            ) from exc
    named = (values.get(key) for key in ("relativePath", "filename", "name"))
    return next((name for name in named if name and name != "null"), "file")


def counted() -> QuerySet[Upload]:
    return (
        Upload.objects.select_related("by", "job")
        .order_by("-pk")
        .annotate(
            file_count=Count("files"),
            bytes=Coalesce(Sum("files__size_bytes"), 0),
            received=Coalesce(Sum("files__received_bytes"), 0),
        )
    )


def shown(pk: int) -> dict[str, Any]:
    return summary(find(counted(), pk=pk))


def summary(upload: Any) -> dict[str, Any]:
    """An upload of `counted`."""
    dealt_with = upload.taken + upload.already + upload.held + upload.refused
    return {
        "id": upload.pk,
        "way": upload.way,
        "state": state_of(upload),
        "by": upload.by.display_name if upload.by else "",
        "created_at": upload.created_at,
        "finished_at": upload.finished_at,
        "taken": upload.taken,
        "already": upload.already,
        "held": upload.held,
        "refused": upload.refused,
        "files": upload.file_count or dealt_with,
        "bytes": upload.bytes,
        "received_bytes": upload.received,
        "job": job_dict(upload.job),
    }


def job_dict(job: Job | None) -> dict[str, Any] | None:
    if job is None:
        return None
    return {
        "id": job.pk,
        "state": job.state,
        "progress": job.progress,
        "progress_text": job.text,
        "error": job.error,
    }
