"""The card of a version: all that is known of it, as JSON or, with ?format=md, as Markdown."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN
from training import markdown
from training.api import access
from training.api.card import card_json


class Markdown(BaseRenderer):
    media_type = "text/markdown"
    format = "md"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        """A card; or the sentence of a refusal."""
        return markdown.card(data) if "number" in data else f"{data.get('detail', '')}\n"


class Card(APIView):
    """For every member of the task. Readers are named to its admins only."""

    access = SIGNED_IN
    renderer_classes = (JSONRenderer, Markdown)

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, model_id: int) -> Response:
        found = access.find(request, model_id)
        return Response(card_json(found.model, names=found.is_admin))
