"""The reading loop's first word: the next case for this reader, with its form and what he may see of the model."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import user_of
from accounts.models import User
from annotation import priors, worklist
from annotation.access import TaskView
from annotation.kinds import REGIONS
from annotation.models import Annotation, Task
from annotation.presenters import annotation_json, case_json, form_json
from inference import arms
from inference.arms import Heat, Shown, Slots


class Holding(serializers.Serializer[dict[str, Any]]):
    holding = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=20, default=list
    )


class Next(TaskView):
    """Leases a case to the caller: 200 with all that the reading page needs, 204 when none is left for him."""

    @extend_schema(request=Holding, responses={200: OpenApiTypes.OBJECT, 204: None})
    def post(self, request: Request, task_id: int) -> Response:
        given = Holding(data=request.data)
        given.is_valid(raise_exception=True)
        annotation = worklist.claim(self.task, user_of(request), given.validated_data["holding"])
        if annotation is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        beside = priors.looked_up(annotation)
        shown = arms.draw(self.task, annotation)
        return Response(handed_out(self.task, user_of(request), annotation, shown, beside))


def handed_out(
    task: Task, reader: User, annotation: Annotation, shown: Shown, beside: list[dict[str, Any]]
) -> dict[str, Any]:
    """All that the reading page needs. Only what was drawn for this read leaves the server of a model: in the
    unassisted arm there is nothing to leave."""
    return {
        "annotation": annotation_json(annotation),
        "case": case_json(annotation.case) | {"priors": beside},
        "form": form_json(annotation.form),
        "progress": worklist.progress(task, reader),
        "prediction": prediction_json(shown),
    }


def prediction_json(shown: Shown) -> dict[str, Any] | None:
    if shown.slots is None:
        return None
    return {
        "model": {"id": shown.model, "number": shown.number},
        "slots": shown.slots,
        "heatmaps": _heatmaps(shown.slots, shown.heat) if shown.heat else {},
    }


def _heatmaps(slots: Slots, heat: Heat) -> dict[str, dict[str, Any]]:
    """`any_view`: the address gives the map of another `image` and `frame` too, where `series` is there of that series."""
    return {
        slot: looked
        | {
            "url": f"/api/predictions/{heat.prediction}/heatmaps/{slot}/",
            "any_view": slots[slot]["kind"] in REGIONS or "series" in looked,
        }
        for slot, looked in heat.looked.items()
        if slot in slots
    }
