"""A delivery as a page or a tus client makes it, by the test client."""

from base64 import b64encode
from typing import Any

from django.test import Client

from tests.factories.jobs import run_due

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


def metadata(**values: str) -> dict[str, str]:
    pairs = (f"{key} {b64encode(value.encode()).decode()}" for key, value in values.items())
    return {"Upload-Metadata": ",".join(pairs)}


def new_upload(client: Client) -> int:
    answer = client.post("/api/uploads/", {}, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


def announce(client: Client, upload: int, name: str, size: int) -> str:
    """The address of a file that is to come."""
    headers = TUS | {"Upload-Length": str(size)} | metadata(relativePath=name)
    answer = client.generic("POST", f"/api/uploads/{upload}/files/", headers=headers)
    assert answer.status_code == 201, answer.content
    return answer["Location"]


def patch(client: Client, url: str, data: bytes, offset: int = 0) -> Any:
    headers = TUS | {"Upload-Offset": str(offset)}
    return client.patch(url, data, content_type=BYTES, headers=headers)


def send(client: Client, files: dict[str, bytes]) -> int:
    """A delivery whose files have all arrived; its number."""
    upload = new_upload(client)
    for name, data in files.items():
        answer = patch(client, announce(client, upload, name, len(data)), data)
        assert answer.status_code == 204, answer.content
    return upload


def start(client: Client, upload: int) -> dict[str, Any]:
    """Starts it, runs the job here and now, and returns the upload as the page sees it then."""
    answer = client.post(f"/api/uploads/{upload}/start/")
    assert answer.status_code == 202, answer.content
    run_due()
    return shown(client, upload)


def shown(client: Client, upload: int) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"/api/uploads/{upload}/").json()
    return answer


def items(client: Client, upload: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/uploads/{upload}/items/").json()["results"]
    return found
