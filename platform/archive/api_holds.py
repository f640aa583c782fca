"""/api/holds/: the queue of images that may show a name, and what an admin does with them."""

import re
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import STAFF, find, user_of
from accounts.errors import Problem

from . import holds, looking
from .models import Instance
from .pixels import Undecodable
from .text_detector import Box

WRONG_BOXES = (
    "Send the places to black out as boxes: a list of [x, y, width, height] in pixels of the image,"
    f" 1 to {holds.MOST_BOXES} of them."
)


class HoldsView(APIView):
    access = STAFF

    def get(self, request: Request) -> Response:
        return Response(holds.holds_page(request.query_params.get("cursor", "")))

    def post(self, request: Request) -> Response:
        """Holds an image that everybody may see until now: `{"sop_instance_uid": …}`."""
        uid = request.data.get("sop_instance_uid") if isinstance(request.data, dict) else None
        if not isinstance(uid, str):
            raise Problem(400, "Send the image to hold as sop_instance_uid.")
        holds.hold(find(Instance.everything.all(), sop_instance_uid=uid), user_of(request))
        return Response(status=204)


class PictureView(APIView):
    access = STAFF

    def get(self, request: Request, uid: str) -> HttpResponse:
        instance = find(holds.held(), sop_instance_uid=uid)
        frame = request.query_params.get("frame", "0")
        if not re.fullmatch("[0-9]{1,6}", frame) or int(frame) >= instance.number_of_frames:
            raise Problem(404, f"There are frames 0 to {instance.number_of_frames - 1}.")
        try:
            picture = looking.png(instance, int(frame))
        except Undecodable as exc:
            raise Problem(422, str(exc)) from exc
        return HttpResponse(
            picture, content_type="image/png", headers={"Cache-Control": "private, no-store"}
        )


class ReleaseView(APIView):
    access = STAFF

    def post(self, request: Request, uid: str) -> Response:
        instance = find(holds.held(), sop_instance_uid=uid)
        with Decision():
            holds.release(instance, user_of(request))
        return Response(status=204)


class MaskView(APIView):
    access = STAFF

    def post(self, request: Request, uid: str) -> Response:
        instance = find(holds.held(), sop_instance_uid=uid)
        boxes = _boxes(request.data, instance)
        with Decision():
            holds.mask(instance, boxes, user_of(request))
        return Response(status=204)


class DiscardView(APIView):
    access = STAFF

    def post(self, request: Request, uid: str) -> Response:
        instance = find(holds.held(), sop_instance_uid=uid)
        with Decision():
            holds.discard(instance, user_of(request))
        return Response(status=204)


class Decision:
    """Turns what may come between into the API's errors."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, exc: BaseException | None, trace: Any) -> None:
        if isinstance(exc, holds.NotHeld):
            raise Problem(409, str(exc), code="not_held") from exc
        if isinstance(exc, Undecodable):
            raise Problem(422, str(exc), code="undecodable") from exc


def _boxes(data: Any, instance: Instance) -> list[Box]:
    """As sent, cut to the image; raises Problem."""
    boxes = data.get("boxes") if isinstance(data, dict) else None
    if not isinstance(boxes, list) or not 1 <= len(boxes) <= holds.MOST_BOXES:
        raise Problem(400, WRONG_BOXES)
    cut = [_cut(box, instance) for box in boxes]
    if not all(cut):
        raise Problem(400, WRONG_BOXES)
    return [box for box in cut if box]


def _cut(box: Any, instance: Instance) -> Box | None:
    """None where it is no box, or lies beside the image."""
    if not isinstance(box, list) or len(box) != 4:
        return None
    if any(isinstance(side, bool) or not isinstance(side, int | float) for side in box):
        return None
    if not all(abs(side) < 1 << 20 for side in box):
        return None
    x, y, width, height = box
    left, top = max(0, int(x)), max(0, int(y))
    right = min(instance.columns, -int(-(x + width) // 1))
    bottom = min(instance.rows, -int(-(y + height) // 1))
    return [left, top, right - left, bottom - top] if right > left and bottom > top else None


urlpatterns: list[URLPattern] = [
    path("holds/", HoldsView.as_view()),
    path("holds/<str:uid>/picture/", PictureView.as_view()),
    path("holds/<str:uid>/release/", ReleaseView.as_view()),
    path("holds/<str:uid>/mask/", MaskView.as_view()),
    path("holds/<str:uid>/discard/", DiscardView.as_view()),
]
