"""Two tabs of one reader write at the same moment, over HTTP: every text that the server took must be in the history
under its own version, and whoever was refused must have got both texts."""

import http.client
import json
import random
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.benchmarks.figures import Figure
from tests.instance import Instance

RACES = 500
READERS = 5
HISTORY = """
SELECT DISTINCT ON (version) version, answers->'kl'->>'value'
FROM annotation_annotationevent WHERE pgh_obj_id = %s AND version > 0 ORDER BY version, pgh_id
"""


@dataclass
class Write:
    """One save of one tab, and what it was told; `unheard`: sent once before, and the answer was not waited for."""

    verb: str  # "", submit/ or amend/
    version: int
    value: int
    key: str
    unheard: bool = False
    status: int = 0
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        answers = {"kl": {"state": "answered", "value": self.value}}
        more = {"reason": "seen again"} if self.verb == "amend/" else {}
        return {"version": self.version, "answers": answers, "active_seconds": 1.0} | more


class Reader:
    """One reader with two tabs, reading one case after the other."""

    def __init__(self, instance: Instance, task: int, token: str, seed: int) -> None:
        self.netloc, self.task = urlsplit(instance.origin).netloc, task
        self.headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        self.random = random.Random(seed)
        self.keys = iter(f"race-{seed}-{number}" for number in range(10**6))

    def call(self, method: str, path: str, body: Any, key: str = "") -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self.netloc, timeout=60)
        connection.request(
            method, path, json.dumps(body), self.headers | {"Idempotency-Key": key or "none"}
        )
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content) if content else None

    def write(self, annotation: int, write: Write) -> None:
        method = "POST" if write.verb else "PUT"
        path = f"/api/annotations/{annotation}/{write.verb}"
        if write.unheard:
            self.shout(method, path, write)
        write.status, write.told = self.call(method, path, write.body, write.key)

    def shout(self, method: str, path: str, write: Write) -> None:
        """Sends and hangs up, at a moment when the server may or may not have got it."""
        body = json.dumps(write.body)
        headers = self.headers | {"Idempotency-Key": write.key, "Content-Length": str(len(body))}
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        host, port = self.netloc.split(":")
        with socket.create_connection((host, int(port))) as line:
            line.sendall("\r\n".join([*lines, "", body]).encode())
            line.settimeout(self.random.random() * 0.03 + 0.001)
            try:
                line.recv(1)
            except TimeoutError:
                return

    def race(self, number: int) -> tuple[int, list[Write]]:
        """The annotation, and all that was written to it, in pairs that meet."""
        _, given = self.call("POST", f"/api/tasks/{self.task}/next/", {"holding": []})
        annotation, version = given["annotation"]["id"], given["annotation"]["version"]
        first, second = KINDS[number % len(KINDS)]
        writes = []
        if "amend/" in (first, second):
            alone = Write("submit/", version, 2, next(self.keys))
            self.write(annotation, alone)
            writes, version = [alone], version + 1
        values = self.random.sample(range(5), 2)
        unheard = number % 2 == 1
        pair = [
            Write(first, version, values[0], next(self.keys), unheard),
            Write(second, version, values[1], next(self.keys)),
        ]
        self.meet(annotation, pair)
        writes += pair
        writes += self.close(annotation, writes)
        return annotation, writes

    def meet(self, annotation: int, pair: list[Write]) -> None:
        barrier = threading.Barrier(len(pair))

        def go(write: Write) -> None:
            barrier.wait()
            self.write(annotation, write)

        threads = [threading.Thread(target=go, args=(write,)) for write in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def close(self, annotation: int, writes: list[Write]) -> list[Write]:
        """Submits what is still a draft, so that the next case comes."""
        if any(write.verb and write.status == 200 for write in writes):
            return []
        version = max(w.told["version"] for w in writes if w.status == 200)
        last = Write("submit/", version, 4, next(self.keys))
        self.write(annotation, last)
        return [last]


KINDS = (("", ""), ("", "submit/"), ("submit/", "submit/"), ("amend/", "amend/"), ("submit/", ""))


def wrongs(history: dict[int, int], writes: list[Write]) -> list[str]:
    """What is not as it should be between what the tabs were told and what the history holds."""
    found = []
    taken: dict[int, Write] = {}
    for write in writes:
        told = write.told.get("annotation", write.told)
        if write.status == 200:
            if told["version"] in taken:
                found.append(f"version {told['version']} was given to two writers")
            taken[told["version"]] = write
            if told["version"] != write.version + 1:
                found.append(f"{write} was written over a version that it did not name")
        elif write.status != 409:
            found.append(f"{write.status}: {write.told}")
        elif write.told["yours"] != write.body["answers"]:
            found.append("a refused text did not come back")
        elif history.get(write.told["theirs"]["version"]) != value_of(write.told["theirs"]):
            found.append("another text than the one that stands was shown")
    if {version: write.value for version, write in taken.items()} != history:
        found.append(f"told {taken}, has {history}")
    return found


def value_of(annotation: dict[str, Any]) -> int:
    return int(annotation["answers"]["kl"]["value"])


def measure(instance: Instance) -> tuple[list[Figure], str]:
    program = f"from tests.benchmarks.prepare_worklist import prepare; prepare({READERS}, {RACES})"
    setup = json.loads(instance.manage("shell", "--no-imports", "-v0", "-c", program))

    def reads(seed: int, token: str) -> list[tuple[int, list[Write]]]:
        reader = Reader(instance, setup["task"], token, seed)
        return [reader.race(number) for number in range(RACES // READERS)]

    with ThreadPoolExecutor(READERS) as pool:
        done = [one for found in pool.map(reads, range(READERS), setup["tokens"]) for one in found]
    wrong = []
    with psycopg.connect(instance.environment["DATABASE_URL"]) as database:
        for annotation, writes in done:
            rows = database.execute(HISTORY, [annotation]).fetchall()
            wrong += wrongs({version: int(value) for version, value in rows}, writes)
    for sentence in wrong[:10]:
        print(f"   {sentence}")
    refused = sum(write.status == 409 for _, writes in done for write in writes)
    unheard = sum(write.unheard for _, writes in done for write in writes)
    what = f"texts overwritten, doubled or kept from their writer in {len(done)} races"
    return [Figure("losses.overwrites", len(wrong), "≤ 0", what)], (
        f"Races: {len(done)} over HTTP, {READERS} readers at once with two tabs each that write at one moment to one "
        f"version (draft, submit, amend; {unheard} of them sent before by a line that hung up without the answer); "
        f"{refused} were refused, each with both texts. Judged by the append-only history.\n"
    )
