"""/api/ of the archive: uploads, the list of studies, thumbnails."""

from collections.abc import Iterator
from errno import ENOSPC
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.urls import URLPattern, path
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import STAFF, find, user_of
from accounts.errors import Problem

from . import api_holds, api_identity, api_studies
from .models import Upload, UploadItem
from .sealing import unseal
from .uploads import UploadedSource, take


def routes(visible: api_studies.Visible) -> list[URLPattern]:
    """The routes under /api/; `visible` says which instances a user may see."""
    return [
        path("uploads/", UploadsView.as_view()),
        path("uploads/<int:pk>/", UploadView.as_view()),
        *api_holds.urlpatterns,
        *api_identity.urlpatterns,
        *api_studies.routes(visible),
    ]


class UploadsView(APIView):
    access = STAFF
    parser_classes = [MultiPartParser]

    def get(self, request: Request) -> Response:
        uploads = Upload.objects.select_related("by")[:50]
        return Response([_summary(upload) for upload in uploads])

    def post(self, request: Request) -> Response:
        """Takes the files of one delivery; bad ones are refused by name, the rest go in."""
        try:
            files = list(_files(request))
        except SuspiciousOperation as exc:  # more files than one request may carry
            raise Problem(413, "Too many files at once; send at most 2,000 in one upload.") from exc
        if not files:
            raise Problem(
                400, "No file arrived; send them as multipart form data in the field files."
            )
        try:
            upload = take(files, user_of(request))
        except OSError as exc:
            if exc.errno != ENOSPC:
                raise
            raise Problem(
                507, "The server's disk is full; nothing more is taken until an admin makes room."
            ) from exc
        return Response(_full(upload), status=201)


class UploadView(APIView):
    access = STAFF

    def get(self, request: Request, pk: int) -> Response:
        upload = find(Upload.objects.all(), pk=pk)
        return Response(_full(upload))


def _files(request: Request) -> Iterator[UploadedSource]:
    """Browsers send bare names; the optional field `paths`, in the files' order, tells the folders."""
    files: list[UploadedFile] = [file for _, group in request.FILES.lists() for file in group]
    paths: list[str] = request.POST.getlist("paths")
    names = paths if len(paths) == len(files) else [file.name or "file" for file in files]
    for file, name in zip(files, names, strict=True):
        yield UploadedSource(name[:500].replace("\0", "\ufffd"), file)


def _summary(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.pk,
        "by": upload.by.display_name if upload.by else "",
        "created_at": upload.created_at,
        "taken": upload.taken,
        "already": upload.already,
        "refused": upload.refused,
    }


def _full(upload: Upload) -> dict[str, Any]:
    return {**_summary(upload), "items": [_item(item) for item in upload.items.all()]}


def _item(item: UploadItem) -> dict[str, Any]:
    name = unseal(item.sealed_name)
    return {
        "name": name,
        "outcome": item.outcome,
        "reason": f"{name} {item.reason}" if item.reason else "",
        "sop_instance_uid": item.sop_instance_uid,
    }
