"""/api/uploads/{id}/files/: the files of a delivery by the tus protocol (tus.io, 1.0.0), so by any tus client."""

from base64 import b64decode
from binascii import Error as BadBase64
from typing import Any
from uuid import UUID

from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import STAFF, find
from accounts.errors import Problem

from . import receive
from .models import Upload, UploadFile
from .tidy import KEPT

VERSION = "1.0.0"
TUS = {
    "Tus-Resumable": VERSION,
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,creation-with-upload,termination,expiration",
    "Tus-Max-Size": str(receive.MAX_BYTES),
}
BYTES = "application/offset+octet-stream"


class Tus(APIView):
    """What all of the protocol's answers have in common."""

    access = STAFF

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            raise Problem(412, f"Say which tus protocol you speak: Tus-Resumable: {VERSION}.")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for header, value in (TUS | {"Cache-Control": "no-store"}).items():
            response[header] = value
        return response

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)


class FilesView(Tus):
    def post(self, request: Request, pk: int) -> Response:
        """Announces a file: Upload-Length and Upload-Metadata; it may bring its first bytes along."""
        find(Upload.objects.all(), pk=pk)
        size = number(request, "Upload-Length")
        file = receive.create(pk, name_in(request), size)
        offset = 0
        if request.content_type == BYTES:
            offset = receive.append(pk, file.token, 0, content_length(request), request._request)
        where = {"Location": f"/api/uploads/{pk}/files/{file.token}/"}
        return Response(status=201, headers=where | state(file, offset))


class FileView(Tus):
    def head(self, request: Request, pk: int, token: UUID) -> Response:
        file = find(UploadFile.objects.select_related("upload"), upload=pk, token=token)
        length = {"Upload-Length": str(file.size_bytes)}
        return Response(status=200, headers=state(file, file.received_bytes) | length)

    def patch(self, request: Request, pk: int, token: UUID) -> Response:
        if request.content_type != BYTES:
            raise Problem(415, f"The bytes of a file come as {BYTES}.")
        offset = number(request, "Upload-Offset")
        length = content_length(request)
        offset = receive.append(pk, token, offset, length, request._request)
        file = find(UploadFile.objects.select_related("upload"), upload=pk, token=token)
        return Response(status=204, headers=state(file, offset))

    def delete(self, request: Request, pk: int, token: UUID) -> Response:
        receive.remove(pk, token)
        return Response(status=204)

    def post(self, request: Request, pk: int, token: UUID) -> Response:
        """For clients behind proxies that know no PATCH and DELETE."""
        method = request.headers.get("X-HTTP-Method-Override", "").upper()
        if method not in ("PATCH", "DELETE"):
            raise Problem(405, "Send the bytes of a file with PATCH.")
        return (
            self.patch(request, pk, token) if method == "PATCH" else self.delete(request, pk, token)
        )


def state(file: UploadFile, offset: int) -> dict[str, str]:
    expires = file.upload.created_at + KEPT
    return {"Upload-Offset": str(offset), "Upload-Expires": http_date(expires.timestamp())}


def number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Problem(400, f"The header {header} must be a number of bytes.")
    return int(text)


def content_length(request: Request) -> int:
    """What the request says that it brings; the bytes that came may be fewer, where the line was cut."""
    return number(request, "Content-Length")


def name_in(request: Request) -> str:
    """The file's path or name in Upload-Metadata: `key base64, key base64`."""
    values: dict[str, str] = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, encoded = pair.strip().partition(" ")
        try:
            values[key] = b64decode(encoded, validate=True).decode("utf-8", "replace")
        except BadBase64 as exc:
            raise Problem(
                400, "The header Upload-Metadata must hold names and base64 values."
            ) from exc
    named = (values.get(key) for key in ("relativePath", "filename", "name"))
    return next((name for name in named if name and name != "null"), "file")
