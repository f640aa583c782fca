"""/api/me/: who is signed in."""

from django.conf import settings
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .access import SIGNED_IN, user_of


class MeView(APIView):
    access = SIGNED_IN

    def get(self, request: Request) -> Response:
        user = user_of(request)
        return Response(
            {
                "id": user.pk,
                "username": user.get_username(),
                "display_name": user.display_name,
                "is_staff": user.is_staff,
                "version": settings.VERSION,
            }
        )


urlpatterns: list[URLPattern] = [path("me/", MeView.as_view())]
