"""/api/ of the archive: uploads, the list of studies, thumbnails."""

from collections.abc import Callable, Iterator
from errno import ENOSPC
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import URLPattern, path
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, STAFF, ScopedView, find, user_of
from accounts.errors import Problem
from accounts.models import User

from . import api_holds, api_identity
from .models import Instance, Upload, UploadItem
from .pixels import Undecodable, thumbnail
from .sealing import unseal
from .studies import studies_page
from .uploads import UploadedSource, take

Visible = Callable[[User], QuerySet[Instance]]


def routes(visible: Visible) -> list[URLPattern]:
    """The routes under /api/; `visible` says which instances a user may see."""
    return [
        path("uploads/", UploadsView.as_view()),
        path("uploads/<int:pk>/", UploadView.as_view()),
        path("studies/", StudiesView.as_view(scope=visible)),
        path("instances/<str:uid>/thumbnail/", ThumbnailView.as_view(scope=visible)),
        *api_holds.urlpatterns,
        *api_identity.urlpatterns,
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


class StudiesView(ScopedView[Instance], APIView):
    access = SIGNED_IN

    def get(self, request: Request) -> Response:
        page = studies_page(
            self.get_queryset(),
            search=request.query_params.get("search", "")[:64],
            cursor=request.query_params.get("cursor", ""),
        )
        return Response(page)


class ThumbnailView(ScopedView[Instance], APIView):
    access = SIGNED_IN

    def get(self, request: Request, uid: str) -> HttpResponse:
        instance = self.find(sop_instance_uid=uid)
        try:
            picture = thumbnail(instance)
        except Undecodable as exc:
            raise Problem(422, str(exc)) from exc
        return HttpResponse(
            picture, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=86400"}
        )


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
