"""Where a model looked, as a picture: for readers who were shown the prediction that it belongs to."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, find, user_of
from accounts.models import User
from annotation.access import tasks_visible_to
from annotation.images import of_cases
from annotation.kinds import REGIONS
from inference import asking
from inference.models import HeatMap, Prediction, Showing
from jobs.api import JobSerializer

SECONDS = 1  # until it is worth asking again


class OfPicture(serializers.Serializer[Any]):
    image = serializers.CharField(max_length=64, default="", help_text="SOP instance UID.")
    frame = serializers.IntegerField(min_value=1, default=1)


class OneHeatMap(APIView):
    """A grey PNG over the whole image that `heatmaps` of the prediction names, or, of an answer of places, over any other
    `image` and `frame` of its case, and, of one from a volume, of its series; 202 with the job that draws it where it was not drawn yet: ask again when that is done."""

    access = SIGNED_IN

    @extend_schema(
        parameters=[OfPicture],
        responses={(200, "image/png"): OpenApiTypes.BINARY, 202: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, prediction_id: int, slot: str) -> HttpResponseBase:
        user = user_of(request)
        prediction = find(shown_to(user), pk=prediction_id, looked__has_key=slot)
        at = _asked(request, prediction, slot)
        image, frame = at or (prediction.looked[slot]["image"], prediction.looked[slot]["frame"])
        drawn = HeatMap.objects.filter(
            prediction=prediction, slot=slot, image=image, frame=frame
        ).first()
        if drawn is None:
            job = asking.for_heatmaps(prediction, user, at)
            headers = {"Retry-After": str(SECONDS)}
            return Response(JobSerializer(job).data, status=202, headers=headers)
        return HttpResponse(
            bytes(drawn.png),
            content_type="image/png",
            headers={"Cache-Control": "private, no-store"},
        )


def _asked(request: Request, prediction: Prediction, slot: str) -> tuple[str, int] | None:
    """The picture that the caller names; None where it is the prediction's own. Raises Http404 for one that has none."""
    given = OfPicture(data=request.query_params)
    given.is_valid(raise_exception=True)
    asked = (given.validated_data["image"], given.validated_data["frame"])
    own = prediction.looked[slot]
    if not asked[0] or asked == (own["image"], own["frame"]):
        return None
    images = of_cases([prediction.case_id]).filter(
        sop_instance_uid=asked[0], number_of_frames__gte=asked[1]
    )
    if "series" in own:
        images = images.filter(series__series_instance_uid=own["series"])
    elif prediction.slots[slot]["kind"] not in REGIONS:
        raise Http404
    if not images.exists():
        raise Http404
    return asked


def shown_to(user: User) -> QuerySet[Prediction]:
    """Those that he saw, or sees, at a read of his own; never one that was hidden from him."""
    shown = Showing.objects.filter(
        annotation__case=OuterRef("case"),
        annotation__reader=user,
        model=OuterRef("model"),
        slots__isnull=False,
    )
    mine = Prediction.objects.filter(case__task__in=tasks_visible_to(user))
    return mine.filter(Exists(shown))
