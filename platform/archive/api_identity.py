"""/api/studies/{uid}/identity/: who a study was of, for staff, and written down each time."""

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import STAFF, find, user_of
from accounts.errors import Problem

from . import link
from .models import Study


class IdentityView(APIView):
    access = STAFF

    def get(self, request: Request, uid: str) -> Response:
        study = find(Study.objects.all(), study_instance_uid=uid)
        try:
            identity = link.look_up(study, user_of(request))
        except link.OtherKey as exc:
            raise Problem(409, str(exc), code="sealed_with_another_key") from exc
        if identity is None:
            raise Problem(
                404, "No link to the original identity is kept of this study.", code="no_link"
            )
        return Response(identity, headers={"Cache-Control": "no-store"})


urlpatterns: list[URLPattern] = [path("studies/<str:uid>/identity/", IdentityView.as_view())]
