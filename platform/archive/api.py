"""/api/ of the archive: the list of studies, thumbnails; uploads are in api_uploads.py."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, ScopedView
from accounts.errors import Problem
from accounts.models import User

from . import api_uploads
from .models import Instance
from .pixels import Undecodable, thumbnail
from .studies import studies_page

Visible = Callable[[User], QuerySet[Instance]]


def routes(visible: Visible) -> list[URLPattern]:
    """The routes under /api/; `visible` says which instances a user may see."""
    return [
        *api_uploads.routes(),
        path("studies/", StudiesView.as_view(scope=visible)),
        path("instances/<str:uid>/thumbnail/", ThumbnailView.as_view(scope=visible)),
    ]


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
