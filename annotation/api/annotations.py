"""What a reader does with the case that he holds or has read: save, submit, amend, flag, keep it, give it away."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, user_of
from accounts.errors import Problem
from annotation import discussing, reading
from annotation.reading import Save
from annotation.sides import SIDES

LONGEST_KEY = 100
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="New for each new save.",
)


class SaveInput(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=0)
    answers = serializers.DictField(child=serializers.JSONField())
    active_seconds = serializers.FloatField(min_value=0, default=0.0)
    side = serializers.ChoiceField(choices=[*SIDES, ""], default="")


class AmendInput(SaveInput):
    reason = serializers.CharField(max_length=300)


class FlagInput(serializers.Serializer[Any]):
    flagged = serializers.BooleanField()
    note = serializers.CharField(max_length=1000, allow_blank=True, default="")


class SkipInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, allow_blank=True, default="")


class OneAnnotation(APIView):
    """Saves a draft. inference.api adds what a reader gets to see of it."""

    access = SIGNED_IN

    @extend_schema(request=SaveInput, parameters=[KEY], responses={200: OpenApiTypes.OBJECT})
    def put(self, request: Request, annotation_id: int) -> Response:
        return Response(
            reading.save_draft(annotation_id, user_of(request), _save(request), _key(request))
        )


class Submit(APIView):
    """Saves and ends the read."""

    access = SIGNED_IN

    @extend_schema(request=SaveInput, parameters=[KEY], responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, annotation_id: int) -> Response:
        return Response(
            reading.submit(annotation_id, user_of(request), _save(request), _key(request))
        )


class Amend(APIView):
    """Changes a submitted read, with a reason."""

    access = SIGNED_IN

    @extend_schema(request=AmendInput, parameters=[KEY], responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, annotation_id: int) -> Response:
        save = _save(request, AmendInput)
        return Response(reading.amend(annotation_id, user_of(request), save, _key(request)))


class Flag(APIView):
    """Marks a read as one to discuss, with a note, or takes the mark off."""

    access = SIGNED_IN

    @extend_schema(request=FlagInput, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, annotation_id: int) -> Response:
        given = FlagInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(discussing.flag(annotation_id, user_of(request), **given.validated_data))


class Heartbeat(APIView):
    """Keeps the case leased to its reader."""

    access = SIGNED_IN

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, annotation_id: int) -> Response:
        return Response(
            {"lease_until": reading.heartbeat(annotation_id, user_of(request)).isoformat()}
        )


class Skip(APIView):
    """Gives the case to others."""

    access = SIGNED_IN

    @extend_schema(request=SkipInput, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, annotation_id: int) -> Response:
        given = SkipInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(
            reading.skip(annotation_id, user_of(request), given.validated_data["reason"])
        )


def _save(request: Request, form: type[SaveInput] = SaveInput) -> Save:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return Save(**given.validated_data)


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 0 < len(key) <= LONGEST_KEY:
        raise Problem(
            400,
            f"Send an Idempotency-Key header of 1 to {LONGEST_KEY} characters, new for each new save.",
            code="key_missing",
            parameters={"longest": LONGEST_KEY},
        )
    return key
