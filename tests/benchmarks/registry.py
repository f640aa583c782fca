"""How long a roll-back takes: one click of an admin over HTTP on the real platform, weights of real size proved first."""

import http.client
import json
import time
from urllib.parse import urlsplit

from tests.benchmarks.figures import Figure
from tests.instance import Instance, running

TIMES = 10
PREPARE = "from tests.benchmarks.prepare_registry import prepare; prepare()"


def measure() -> tuple[list[Figure], str]:
    with running("registry-bench") as instance:
        seconds = [roll_back(instance, *given) for given in clicks(instance)]
    slowest = max(seconds)
    what = f"slowest of {TIMES} clicks: POST promote of an older version → it is current"
    return [Figure("registry.rollback_seconds", slowest, "≤ 5", what)], ""


def clicks(instance: Instance) -> list[tuple[str, int]]:
    """The admin's token and, click by click, the version that is not current."""
    given = json.loads(instance.manage("shell", "--no-imports", "-v0", "-c", PREPARE))
    older, newer = given["models"]
    return [(given["token"], older if click % 2 == 0 else newer) for click in range(TIMES)]


def roll_back(instance: Instance, token: str, model: int) -> float:
    connection = http.client.HTTPConnection(urlsplit(instance.origin).netloc, timeout=60)
    began = time.monotonic()
    connection.request(
        "POST", f"/api/models/{model}/promote/", headers={"Authorization": f"Token {token}"}
    )
    answer = connection.getresponse()
    shown = json.loads(answer.read())
    seconds = time.monotonic() - began
    connection.close()
    assert (answer.status, shown["state"]) == (200, "current"), shown
    return seconds
