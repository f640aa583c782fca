"""Two versions side by side. Figures are for every member; single cases for admins who read nothing in the task.

A reader who saw what a model says of a test case could amend his read towards it, and the locked test would judge the
model by its own answers. So cases are shown only to an admin without any read of his own in the task, and only such as
nobody will be asked to read any more.
"""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN
from annotation import seen
from annotation.models import Annotation, Case
from jobs.api import JobSerializer
from training import comparing
from training.api import access
from training.api.access import Found
from training.models import Comparison


class Asked(serializers.Serializer[dict[str, Any]]):
    again = serializers.BooleanField(default=False)


class Compare(APIView):
    """200 with the comparison; 202 with its job while it is being made. `again`: at once, although one failed or was cancelled."""

    access = SIGNED_IN

    @extend_schema(request=Asked, responses={200: OpenApiTypes.OBJECT, 202: OpenApiTypes.OBJECT})
    def post(self, request: Request, model_id: int, other_id: int) -> Response:
        one, other = access.find(request, model_id), access.find(request, other_id)
        given = Asked(data=request.data)
        given.is_valid(raise_exception=True)
        found = comparing.compare(one.model, other.model, one.user, **given.validated_data)
        if found.result is None:
            shown = {"job": JobSerializer(found.job).data, "result": None}
            return Response(shown, status=status.HTTP_202_ACCEPTED)
        return Response({"job": None, "result": _shown(found, one)})


def _shown(comparison: Comparison, viewer: Found) -> dict[str, Any]:
    result: dict[str, Any] = comparison.result or {}
    names = _cases(result, viewer) if _may_see_cases(viewer) else {}
    seen.record(viewer.user, names)
    return {
        **result,
        "older": comparison.older.number,
        "newer": comparison.newer.number,
        "cases_shown": _may_see_cases(viewer),
        "slots": {slot: _slot(of, names) for slot, of in result["slots"].items()},
    }


def _slot(of: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    shown = [{**row, "name": names[row["case"]]} for row in of["disagree"] if row["case"] in names]
    return {**of, "disagree": shown, "disagreements": len(of["disagree"])}


def _may_see_cases(viewer: Found) -> bool:
    reads = Annotation.objects.filter(case__task=viewer.model.task_id, reader=viewer.user)
    return viewer.is_admin and not reads.exists()


def _cases(result: Mapping[str, Any], viewer: Found) -> dict[int, str]:
    wanted = {row["case"] for of in result["slots"].values() for row in of["disagree"]}
    closed = Case.objects.filter(task=viewer.model.task_id, pk__in=wanted, state=Case.State.READ)
    return dict(closed.values_list("pk", "name"))
