"""The web server as it is started, with our routes and those of tests/config/urls.py."""

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from config.onehop import THREADS
from tests.config.urls import PIECE
from tests.instance import free_port
from tests.jobs.processes import Process, wait_for_port

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPT = "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
ENDING = b"\r\n"


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, log = free_port(), tmp_path_factory.mktemp("onehop") / "web.log"
    web = Process(
        ["config.server", "--port", str(port)],
        log,
        DJANGO_SETTINGS_MODULE="tests.config.settings",
    )
    try:
        wait_for_port(port, web)
        yield f"http://127.0.0.1:{port}"
    finally:
        web.kill()


def line_to(server: str, request: bytes) -> socket.socket:
    """A bare connection on which this much of a request was sent."""
    host, port = server.removeprefix("http://").split(":")
    line = socket.create_connection((host, int(port)), timeout=30)
    line.sendall(request)
    return line


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def session(name: str) -> dict[str, str]:
    client = Client()
    client.force_login(User.objects.create(username=name))
    return {"Cookie": f"sid={client.cookies['sid'].value}"}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def in_chunks(data: bytes) -> Iterator[bytes]:
    """httpx sends what it takes from an iterator in chunks, without a length."""
    for at in range(0, len(data), 50_000):
        yield data[at : at + 50_000]


def test_it_answers_the_api_for_strangers_and_for_whoever_is_signed_in(server: str) -> None:
    stranger = httpx.get(f"{server}/api/me/")
    reader = httpx.get(f"{server}/api/me/", headers=session("anna"))

    assert stranger.status_code == 401
    assert stranger.json()["detail"]
    assert reader.json()["username"] == "anna"


def test_a_static_file_arrives_whole_and_its_head_alone(server: str) -> None:
    expected = Path(str(finders.find(SCRIPT))).read_bytes()
    plain = {"Accept-Encoding": "identity"}

    whole = httpx.get(f"{server}/static/{SCRIPT}", headers=plain)
    head = httpx.head(f"{server}/static/{SCRIPT}", headers=plain)

    assert sha256(whole.content) == sha256(expected)
    assert head.headers["content-length"] == str(len(expected))
    assert head.content == b""


def test_a_stream_arrives_whole_and_keeps_no_connection_while_it_runs(server: str) -> None:
    with ThreadPoolExecutor(8) as readers, ExitStack() as opened:
        lines = list(readers.map(lambda _: line_to(server, get("/stream/")), range(8)))
        for line in lines:
            opened.enter_context(line)
            assert line.recv(1000)
        assert httpx.get(f"{server}/kept/").json() == {"kept": 0}

    answer = httpx.get(f"{server}/stream/")

    assert sha256(answer.content) == sha256(PIECE * 200)


def test_a_stream_is_read_no_faster_and_no_further_than_its_client_takes_it(server: str) -> None:
    with line_to(server, get("/stream/")) as line:
        line.recv(1000)
        taken = pieces_taken(server)
    later = pieces_taken(server)

    assert 0 < taken < 200
    assert later < 200


def pieces_taken(server: str) -> int:
    """How many pieces of the stream were asked for, once that is settled."""
    before, now = -1, 0
    until = time.monotonic() + 30
    while before != now and time.monotonic() < until:
        before, now = now, int(httpx.get(f"{server}/stream/so-far/").json()["pieces"])
        time.sleep(0.2)
    return now


def test_a_body_in_chunks_arrives_whole(server: str) -> None:
    data = bytes(range(256)) * 20_000  # five megabytes: past memory, into a file

    answer = httpx.post(f"{server}/echo/", content=in_chunks(data), headers=session("anna"))

    assert answer.json() == {"body": sha256(data)}


@pytest.mark.parametrize("chunks", [True, False])
def test_a_large_body_is_taken_of_nobody_who_may_not_send_it(server: str, chunks: bool) -> None:
    data = bytes(2 << 20)

    answer = httpx.post(f"{server}/dicomweb/studies", content=in_chunks(data) if chunks else data)

    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("Sign in")
    assert answer.headers["connection"] == "close"


def test_a_reader_sends_less_than_staff(server: str) -> None:
    headers = session("anna")
    with line_to(server, post_of(17 << 20, headers)) as line:
        refused = line.recv(1000)
    User.objects.filter(username="anna").update(is_staff=True)
    with line_to(server, post_of(17 << 20, headers)) as line:
        taken = line.recv(1000)

    assert b" 413 " in refused.split(ENDING)[0]
    assert b" 100 " in taken.split(ENDING)[0]


def post_of(size: int, headers: dict[str, str]) -> bytes:
    """The head of a request that announces so many bytes and asks whether to send them."""
    lines = ["POST /dicomweb/studies HTTP/1.1", "Host: 127.0.0.1", "Expect: 100-continue"]
    lines += [f"Content-Length: {size}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def test_a_form_in_chunks_arrives_with_its_files(server: str) -> None:
    data = bytes(range(256)) * 20_000
    whole = httpx.Request("POST", server, files={"files": ("knee.dcm", data)})

    answer = httpx.post(
        f"{server}/echo/",
        content=in_chunks(whole.read()),
        headers={"Content-Type": whole.headers["Content-Type"], **session("anna")},
    )

    assert answer.json() == {"knee.dcm": sha256(data)}


def test_json_in_chunks_reaches_the_api(server: str) -> None:
    body = json.dumps({"template": "no-such", "name": "A task"}).encode()
    staff = session("ada")
    User.objects.filter(username="ada").update(is_staff=True)
    csrf = {"Cookie": f"{staff['Cookie']}; csrftoken={'a' * 32}", "X-CSRFToken": "a" * 32}

    answer = httpx.post(
        f"{server}/api/tasks/",
        content=in_chunks(body),
        headers={**csrf, "Content-Type": "application/json"},
    )

    assert answer.status_code == 400
    assert "no template 'no-such'" in answer.json()["detail"]


def test_whoever_leaves_in_the_middle_disturbs_nobody(server: str) -> None:
    half = b"POST /echo/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\nhalf"
    for _ in range(20):  # more than there are threads, and connections to the database
        line_to(server, half).close()
        line_to(server, get("/now/?seconds=0.2")).close()
        line_to(server, get("/stream/")).close()

    assert_all_threads_answer(server)


def test_what_breaks_gives_its_thread_and_its_connection_back(server: str) -> None:
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(httpx.get, [f"{server}/broken/"] * 30))

    assert {answer.status_code for answer in answers} == {500}
    assert "on purpose" not in answers[0].text
    assert_all_threads_answer(server)


def test_a_stream_that_breaks_ends_short_of_its_end(server: str) -> None:
    for _ in range(20):
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{server}/halfway/")

    assert_all_threads_answer(server)


def assert_all_threads_answer(server: str) -> None:
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(httpx.get, [f"{server}/now/?seconds=0.3"] * 8))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert httpx.get(f"{server}/kept/").json() == {"kept": 0}


def test_open_event_streams_take_no_thread_of_the_requests(server: str) -> None:
    headers = session("bert")
    with ExitStack() as opened, httpx.Client(headers=headers) as browser:
        for _ in range(12):
            answer = opened.enter_context(browser.stream("GET", f"{server}/api/events/"))
            assert answer.headers["content-type"] == "text/event-stream"
            assert next(answer.iter_lines()) == "event: resync"

        assert_all_threads_answer(server)


def test_a_bad_address_is_refused_with_400(server: str) -> None:
    answers: list[Any] = []
    for path in ("/dicomweb/studies/1%00/series/1/metadata", "/api/jobs/?topic=a%00"):
        answers.append(httpx.get(server + path, headers=session(f"reader-{len(answers)}")))

    assert [answer.status_code for answer in answers] == [400, 400]
    assert "NUL" in answers[0].json()["detail"]


def test_it_speaks_no_websocket(server: str) -> None:
    asked = ENDING.join(
        [
            b"GET /api/events/ HTTP/1.1",
            b"Host: 127.0.0.1",
            b"Connection: Upgrade",
            b"Upgrade: websocket",
            b"Sec-WebSocket-Version: 13",
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ENDING,
        ]
    )
    with line_to(server, asked) as line:
        assert b" 401 " in line.recv(1000).split(ENDING)[0]


def test_a_quick_request_does_not_queue_behind_heavy_ones(server: str) -> None:
    """More of them than there are threads: an archive that moves files must not keep a reader from saving."""
    with ThreadPoolExecutor(3 * THREADS) as clients:
        heavy = [
            clients.submit(httpx.get, f"{server}/dicomweb/held/", timeout=60)
            for _ in range(3 * THREADS)
        ]
        until = time.monotonic() + 30
        while held(server) < THREADS and time.monotonic() < until:
            pass  # they are on their way
        assert httpx.get(f"{server}/now/").status_code == 200
        assert not any(one.done() for one in heavy)
        httpx.get(f"{server}/let-go/")
    assert {one.result().status_code for one in heavy} == {200}


def held(server: str) -> int:
    return int(httpx.get(f"{server}/held/").json()["held"])
