"""The Data page over HTTP with a million images in the archive: the list of studies with its counts and filters.

Rows only, made by million.sql; the web server and PostgreSQL (fsync on) are those of `manage.py up`, and the one
client, which asks again as soon as it has its answer, shares the machine with them.
"""

import http.client
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg

from tests.benchmarks.figures import Figure
from tests.benchmarks.worklist import percentile
from tests.instance import Instance, running

FILL = Path(__file__).with_name("million.sql")
TIMES = 40
TOKEN = """
from knox.models import AuthToken
from accounts.models import User
print(AuthToken.objects.create(User.objects.create_user("bench-staff", is_staff=True))[1])
"""
# what is asked for, as the page asks it; the ids of studies run from 1 to 193,000
ASKED: dict[str, dict[str, str]] = {
    "first page": {},
    "in the middle": {"cursor": "96000"},
    "last pages": {"cursor": "120"},
    "one modality, frequent": {"modality": "DX"},
    "one modality, rare": {"modality": "CT"},
    "one modality, rare, deep": {"modality": "CT", "cursor": "20000"},
    "three filters": {"modality": "MR", "body_part": "KNEE", "laterality": "L"},
    "search, 25,000 match": {"search": "knee"},
    "search, two words": {"search": "knee stand"},
    "search, 125,000 match": {"search": "dx"},
    "search, pseudonyms that begin so": {"search": "P-1"},
    "search, one patient": {"search": "P-0193"},
    "search, none match": {"search": "nothing"},
    "search and filter": {"search": "knee", "modality": "CT"},
}


class Client:
    def __init__(self, instance: Instance) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(instance.origin).netloc, timeout=60)
        token = instance.manage("shell", "--no-imports", "-v0", "-c", TOKEN).strip()
        self.headers = {"Authorization": f"Token {token}", "Accept-Encoding": "gzip"}

    def get(self, path: str) -> bytes:
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
        return content

    def seconds(self, query: dict[str, str]) -> float:
        path = f"/api/studies/?{urlencode(query)}"
        started = time.perf_counter()
        self.get(path)
        return time.perf_counter() - started


def statements() -> Iterator[str]:
    yield from filter(str.strip, FILL.read_text().split(";\n"))


def fill(instance: Instance) -> dict[str, int]:
    with psycopg.connect(instance.environment["DATABASE_URL"], autocommit=True) as database:
        for statement in statements():
            database.execute(statement.encode())
        rows = {
            name: database.execute(f"SELECT count(*) FROM archive_{name}".encode()).fetchone()
            for name in ("instance", "study")
        }
    return {name: row[0] for name, row in rows.items() if row}


def measure() -> tuple[list[Figure], str]:
    with running("archive_page") as instance:
        rows = fill(instance)
        client = Client(instance)
        check(client, rows)
        taken = {}
        for name, query in ASKED.items():
            client.seconds(query)  # what is asked for the first time in a process is compiled first
            taken[name] = [client.seconds(query) * 1e3 for _ in range(TIMES)]
    worst = max(taken, key=lambda name: percentile(taken[name], 0.95))
    figure = Figure(
        "archive.page_ms_million",
        percentile(taken[worst], 0.95),
        "≤ 200",
        f"GET /api/studies/ with counts and facets, p95 of the slowest sort of question ({worst})",
    )
    table = "\n".join(
        f"| {name} | {statistics.median(times):.0f} | {percentile(times, 0.95):.0f} |"
        for name, times in taken.items()
    )
    return [figure], (
        f"{rows['instance']:,} images in {rows['study']:,} studies; {TIMES} requests of each sort, one client."
        f"\n\n| asked for | p50 ms | p95 ms |\n|---|---|---|\n{table}\n"
    )


def check(client: Client, rows: dict[str, int]) -> None:
    """A page that counts wrongly may be as fast as it likes."""
    page: dict[str, Any] = json.loads(client.get("/api/studies/"))
    counts = {"studies": rows["study"], "instances": rows["instance"]}
    if page["counts"] != counts or len(page["results"]) != 50 or rows["instance"] < 1_000_000:
        raise RuntimeError(f"The page shows {page['counts']}, the tables hold {rows}.")
