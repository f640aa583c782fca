"""A tus client of others against the web server as it runs: in pieces, cut in the middle, and on from there."""

import hashlib
import random
import socket
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from django.test import Client
from tusclient.client import TusClient

from accounts.models import User
from archive.models import Instance, UploadFile
from tests.factories.accounts import client_of, make_user, token_client
from tests.factories.archive import make_file
from tests.factories.uploads import BYTES, TUS, items, new_upload, start
from tests.instance import free_port
from tests.jobs.processes import Process, wait_for_port

pytestmark = pytest.mark.django_db(transaction=True)
MB = 1 << 20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """It writes where the tests look: its `incoming` is that of tests/archive/conftest.py."""
    port = free_port()
    web = Process(
        ["config.server", "--port", str(port)], tmp_path / "web.log", OSTEON_DATA=str(tmp_path)
    )
    try:
        wait_for_port(port, web)
        yield f"http://127.0.0.1:{port}"
    finally:
        web.kill()


@pytest.fixture
def ada() -> User:
    return make_user("ada", is_staff=True)


@pytest.fixture
def token(ada: User) -> dict[str, str]:
    return {"Authorization": token_client(ada).defaults["HTTP_AUTHORIZATION"]}


def large_file() -> bytes:
    """A radiograph of some megabytes that is its own pixels to the last bit."""
    pixels = np.random.default_rng(5).integers(0, 4096, (1500, 1500), np.uint16)
    return make_file(pixels)


def offset_of(url: str, token: dict[str, str], *, at_least: int) -> int:
    """The offset, once the server has dealt with what was cut."""
    until = time.monotonic() + 20
    while True:
        offset = int(httpx.head(url, headers=TUS | token).headers["Upload-Offset"])
        if offset >= at_least or time.monotonic() > until:
            return offset


def test_tuspy_sends_a_file_in_pieces_and_another_one_goes_on(
    server: str, ada: User, token: dict[str, str], tmp_path: Path
) -> None:
    data, page = large_file(), client_of(ada)
    upload = new_upload(page)
    client = TusClient(f"{server}/api/uploads/{upload}/files/", headers=dict(token))

    first = client.uploader(
        file_stream=BytesIO(data), chunk_size=MB, metadata={"relativePath": "knees/IM1"}
    )
    first.upload(stop_at=2 * MB)
    second = client.uploader(file_stream=BytesIO(data), chunk_size=MB, url=first.url)
    resumed_at = second.offset
    second.upload()

    received = UploadFile.objects.get()
    stored = (tmp_path / "incoming" / str(received.token)).read_bytes()
    assert resumed_at == 2 * MB
    assert hashlib.sha256(stored).digest() == hashlib.sha256(data).digest()
    assert start(page, upload)["taken"] == 1
    assert items(page, upload)[0]["name"] == "knees/IM1"
    assert Instance.objects.get().size_bytes > 2 * MB


def test_what_came_of_a_cut_request_is_kept_and_tuspy_goes_on(
    server: str, ada: User, token: dict[str, str], tmp_path: Path
) -> None:
    data = random.Random(1).randbytes(5 * MB)
    upload = new_upload(client_of(ada))
    client = TusClient(f"{server}/api/uploads/{upload}/files/", headers=dict(token))
    begun = client.uploader(file_stream=BytesIO(data), chunk_size=MB)
    begun.upload(stop_at=MB)
    url = str(begun.url)

    cut(url, token, data[MB:], offset=MB, after=1_500_000)
    kept = offset_of(url, token, at_least=MB + 1_500_000)
    client.uploader(file_stream=BytesIO(data), chunk_size=2 * MB, url=url).upload()

    assert kept == MB + 1_500_000
    assert (tmp_path / "incoming" / str(UploadFile.objects.get().token)).read_bytes() == data


def cut(url: str, token: dict[str, str], data: bytes, *, offset: int, after: int) -> None:
    """One request for all of the data, whose line breaks in the middle."""
    host, _, path = url.removeprefix("http://").partition("/")
    headers = TUS | token | {"Host": host, "Content-Type": BYTES, "Upload-Offset": str(offset)}
    headers["Content-Length"] = str(len(data))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    name, port = host.split(":")
    with socket.create_connection((name, int(port)), timeout=20) as line:
        line.sendall(f"PATCH /{path} HTTP/1.1\r\n{head}\r\n".encode() + data[:after])


def test_a_page_needs_its_csrf_token(server: str, ada: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    cookies = {"sid": browser.cookies["sid"].value, "csrftoken": "c" * 32}
    upload = new_upload(client_of(ada))
    headers = TUS | {"Upload-Length": "4"}
    url = f"{server}/api/uploads/{upload}/files/"

    without = httpx.post(url, headers=headers, cookies=cookies)
    made = httpx.post(url, headers=headers | {"X-CSRFToken": "c" * 32}, cookies=cookies)
    sent = httpx.patch(
        server + made.headers["Location"],
        content=b"0123",
        headers=TUS
        | {"X-CSRFToken": "c" * 32, "Upload-Offset": "0", "Content-Type": BYTES, "Referer": server},
        cookies=cookies,
    )

    assert (without.status_code, made.status_code, sent.status_code) == (403, 201, 204)


def test_a_body_that_nobody_asked_for_is_not_read(server: str) -> None:
    host, port = server.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(
            f"POST /api/me/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: {1 << 40}\r\n\r\n".encode()
        )
        answer = line.makefile("rb").read()  # to the end: the server hangs up

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"is not taken here." in answer
