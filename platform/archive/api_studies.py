"""/api/ of what the archive holds: the list of studies, one study, thumbnails."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, ScopedView, find
from accounts.errors import Problem
from accounts.models import User

from .models import Instance, Study
from .pixels import Undecodable, thumbnail
from .studies import VALUES, Wanted, studies_page
from .study import study_detail

Visible = Callable[[User], QuerySet[Instance]]
LONGEST = 64  # of what is searched for; a DICOM value is no longer


def routes(visible: Visible) -> list[URLPattern]:
    return [
        path("studies/", StudiesView.as_view(scope=visible)),
        path("studies/<str:uid>/", StudyView.as_view(scope=visible)),
        path("instances/<str:uid>/thumbnail/", ThumbnailView.as_view(scope=visible)),
    ]


class StudiesView(ScopedView[Instance], APIView):
    """Fifty studies, newest first; `?search=&modality=&body_part=&laterality=&cursor=`."""

    access = SIGNED_IN

    def get(self, request: Request) -> Response:
        asked = {name: request.query_params.get(name, "")[:LONGEST] for name in ("search", *VALUES)}
        cursor = request.query_params.get("cursor", "")
        return Response(studies_page(self.get_queryset(), Wanted(**asked), cursor=cursor))


class StudyView(ScopedView[Instance], APIView):
    """A study with its series and images: of a study, as of everything, only what one may see."""

    access = SIGNED_IN

    def get(self, request: Request, uid: str) -> Response:
        seen = self.get_queryset().filter(series__study__study_instance_uid=uid)
        study = find(Study.objects.select_related("patient"), pk__in=seen.values("series__study"))
        return Response(study_detail(self.get_queryset(), study))


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
