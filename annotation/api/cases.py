"""The small picture of a case."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, user_of
from accounts.errors import Problem
from annotation.access import tasks_visible_to
from annotation.images import of_cases
from annotation.models import Case
from archive.pixels import Undecodable, thumbnail

DAY = 86_400


class Thumbnail(APIView):
    """The case's first image as a JPEG; only the caller's own browser may keep it."""

    access = SIGNED_IN

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    def get(self, request: Request, case_id: int) -> HttpResponse:
        case = Case.objects.filter(pk=case_id, task__in=tasks_visible_to(user_of(request)))
        first = of_cases(case).first()
        if first is None:
            raise Problem(404, "There is no such case.")
        try:
            picture = thumbnail(first)
        except Undecodable as exc:
            raise Problem(422, str(exc)) from exc
        return HttpResponse(
            picture,
            content_type="image/jpeg",
            headers={"Cache-Control": f"private, max-age={DAY}"},
        )
