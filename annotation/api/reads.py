"""The caller's own reads of a task."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import user_of
from annotation import reads
from annotation.access import TaskView
from annotation.presenters import form_json, read_json


class Asked(serializers.Serializer[dict[str, Any]]):
    search = serializers.CharField(max_length=100, allow_blank=True, default="")
    only = serializers.ChoiceField(choices=[*reads.ONLY, ""], default="")
    cursor = serializers.CharField(max_length=100, allow_blank=True, default="")
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)


class Reads(TaskView):
    """What the caller submitted, newest first, and his drafts that the worklist does not hand out any more."""

    @extend_schema(parameters=[Asked], responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        asked = Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        reader = user_of(request)
        page = reads.submitted(self.task, reader, **asked.validated_data)
        # they stand above the list, once: on no further page, and among nothing that is searched for
        narrowed = any(asked.validated_data[part] for part in ("search", "only", "cursor"))
        left = [] if narrowed else reads.left_open(self.task, reader)
        forms = reads.forms_of(self.task, [*page.reads, *left])
        return Response(
            {
                "results": [read_json(read) for read in page.reads],
                "next": page.next,
                "open": [read_json(read) for read in left],
                "forms": {form.version: form_json(form) for form in forms},
            }
        )
