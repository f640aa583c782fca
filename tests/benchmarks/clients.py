"""Readers as threads with one kept-alive connection each; a process of its own, so that it takes no server's time.

Reads {"task", "tokens"} from standard input, writes latencies in seconds as JSON. Standard library only: a client
library would cost more than the server.
"""

import http.client
import json
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

SECONDS = 15.0
ANSWERS = {"kl": {"state": "answered", "value": 2}}


class Reader(threading.Thread):
    def __init__(self, netloc: str, token: str, task: int, barrier: threading.Barrier) -> None:
        super().__init__()
        self.netloc, self.task, self.barrier = netloc, task, barrier
        self.headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        self.next: list[float] = []
        self.submit: list[float] = []
        self.cases: list[int] = []
        self.errors: list[str] = []

    def call(self, path: str, body: dict[str, Any], key: str = "") -> tuple[int, Any, float]:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        started = time.perf_counter()
        self.connection.request("POST", path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - started
        return answer.status, json.loads(content) if content else None, seconds

    def run(self) -> None:
        self.connection = http.client.HTTPConnection(self.netloc, timeout=60)
        self.barrier.wait()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and not self.errors:
            status, given, seconds = self.call(f"/api/tasks/{self.task}/next/", {"holding": []})
            if status == 204:
                return
            if status != 200:
                self.errors.append(f"next: {status} {given}")
                return
            self.next.append(seconds)
            self.cases.append(given["case"]["id"])
            self.submit_one(given["annotation"])

    def submit_one(self, annotation: dict[str, Any]) -> None:
        body = {"version": annotation["version"], "answers": ANSWERS, "active_seconds": 4.0}
        path = f"/api/annotations/{annotation['id']}/submit/"
        status, answer, seconds = self.call(path, body, key=f"bench-{annotation['id']}")
        if status != 200:
            self.errors.append(f"submit: {status} {answer}")
        self.submit.append(seconds)


def main(origin: str) -> None:
    setup = json.load(sys.stdin)
    barrier = threading.Barrier(len(setup["tokens"]) + 1)
    netloc = urlsplit(origin).netloc
    readers = [Reader(netloc, token, setup["task"], barrier) for token in setup["tokens"]]
    for reader in readers:
        reader.start()
    barrier.wait()
    started = time.monotonic()
    for reader in readers:
        reader.join()
    json.dump(
        {
            "seconds": time.monotonic() - started,
            "next": [s for r in readers for s in r.next],
            "submit": [s for r in readers for s in r.submit],
            "cases": [c for r in readers for c in r.cases],
            "errors": [e for r in readers for e in r.errors],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1])
