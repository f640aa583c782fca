"""/api/uploads/: deliveries, their ingest and its report; their files come in by api_tus.py."""

import tempfile
from typing import Any

from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import FileResponse
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import STAFF, find, user_of
from accounts.errors import Problem
from jobs.cancel import cancel
from jobs.enqueue import enqueue
from jobs.models import Job

from .api_tus import FilesView, FileView
from .models import Upload, UploadItem
from .report_csv import item_dict, write_report
from .uploads import forget_files, set_state, state_of

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
