"""/api/me/: who is signed in, and how he wants his pages."""

from typing import Any

from django.conf import settings
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .access import SIGNED_IN, user_of
from .models import Preferences

MOST_KEYS = 200


class MeView(APIView):
    access = SIGNED_IN

    def get(self, request: Request) -> Response:
        user = user_of(request)
        kept = Preferences.objects.filter(user=user).first()
        return Response(
            {
                "id": user.pk,
                "username": user.get_username(),
                "display_name": user.display_name,
                "is_staff": user.is_staff,
                "version": settings.VERSION,
                "preferences": kept.content if kept else {},
            }
        )


class PreferencesInput(serializers.Serializer[dict[str, Any]]):
    """What is left out is as the pages come."""

    keys = serializers.DictField(child=serializers.CharField(max_length=30), required=False)
    left_handed = serializers.BooleanField(required=False)

    def validate_keys(self, keys: dict[str, str]) -> dict[str, str]:
        if len(keys) > MOST_KEYS or any(len(command) > 40 for command in keys):
            raise serializers.ValidationError("These are no keys of a page.")
        return keys


class PreferencesView(APIView):
    access = SIGNED_IN

    @extend_schema(request=PreferencesInput, responses=PreferencesInput)
    def put(self, request: Request) -> Response:
        """Replaces the caller's preferences."""
        given = PreferencesInput(data=request.data)
        given.is_valid(raise_exception=True)
        content = given.validated_data
        Preferences.objects.update_or_create(user=user_of(request), defaults={"content": content})
        return Response(content)


urlpatterns: list[URLPattern] = [
    path("me/", MeView.as_view()),
    path("me/preferences/", PreferencesView.as_view()),
]
