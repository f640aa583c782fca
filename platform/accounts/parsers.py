"""JSON as the API takes it: what no parser can hold, or no database can keep, is refused with a sentence."""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class Json(JSONParser):
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(most + 1)
        if len(raw) > most:  # Django sees to it only where something else read the body before
            raise RequestDataTooBig
        try:
            content = super().parse(BytesIO(raw), media_type, parser_context)
            if b"\\ud" in raw.lower():  # an escape that may be half of a character
                json.dumps(content, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError("The JSON is nested too deeply; send it flat.") from None
        except UnicodeEncodeError:
            raise ParseError("The JSON holds half of a character; send whole ones.") from None
        return content
