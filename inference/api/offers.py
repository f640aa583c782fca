"""A prediction that came while its reader had the case open already."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, user_of
from annotation import reads
from annotation.models import Annotation
from inference import arms
from inference.api.next import prediction_json


class Begun(serializers.Serializer[Any]):
    begun = serializers.ListField(
        child=serializers.CharField(max_length=200),
        max_length=500,
        default=list,
        help_text="Slots that the reader has begun to answer, saved or not: nothing is shown of them.",
    )


class Offer(APIView):
    """What the reader of an open draft may see of the model now, as `next` would give it; null for nothing. That he
    sees it is recorded."""

    access = SIGNED_IN

    @extend_schema(request=Begun, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, annotation_id: int) -> Response:
        given = Begun(data=request.data)
        given.is_valid(raise_exception=True)
        read = reads.one(annotation_id, user_of(request))
        if read.state == Annotation.State.DRAFT:
            shown = arms.offer(read.case.task, read, given.validated_data["begun"])
        else:
            shown = arms.shown_at(read)
        return Response({"prediction": prediction_json(shown)})
