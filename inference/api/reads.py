"""A reader's own read again, with what he saw when he made it."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import user_of
from annotation import priors, reads
from annotation.api.annotations import OneAnnotation
from inference import arms
from inference.api.next import handed_out


class OneRead(OneAnnotation):
    """Gives the caller's own annotation as `next` gave it; saves its draft."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, annotation_id: int) -> Response:
        reader = user_of(request)
        read = reads.one(annotation_id, reader)
        shown, beside = arms.shown_at(read), priors.shown(read)
        return Response(handed_out(read.case.task, reader, read, shown, beside))
