"""Where a model looked, as a picture: for readers who were shown the prediction that it belongs to."""

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, find, user_of
from accounts.models import User
from annotation.access import tasks_visible_to
from inference import asking
from inference.models import HeatMap, Prediction, Showing
from jobs.api import JobSerializer

SECONDS = 1  # until it is worth asking again


class OneHeatMap(APIView):
    """A grey PNG over the whole image that `heatmaps` of the prediction names; 202 with the job that draws it where it
    was not drawn yet: ask again when that is done."""

    access = SIGNED_IN

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY, 202: OpenApiTypes.OBJECT})
    def get(self, request: Request, prediction_id: int, slot: str) -> HttpResponseBase:
        user = user_of(request)
        prediction = find(shown_to(user), pk=prediction_id, looked__has_key=slot)
        drawn = HeatMap.objects.filter(prediction=prediction, slot=slot).first()
        if drawn is None:
            job = asking.for_heatmaps(prediction, user)
            headers = {"Retry-After": str(SECONDS)}
            return Response(JobSerializer(job).data, status=202, headers=headers)
        return HttpResponse(
            bytes(drawn.png),
            content_type="image/png",
            headers={"Cache-Control": "private, no-store"},
        )


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
