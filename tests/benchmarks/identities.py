"""Thousands of made-up names, numbers, UIDs and dates sent in by each way; then every byte that is kept is searched.

Searched are the data folder (files, database, logs, caches), the text of every row of every table, and what the API
and DICOMweb answer. Left out is only what is there to tell a name: the report of an upload and the link to the
original identity, both sealed where they lie.
"""

import base64
import http.client
import json
import shutil
import time
import uuid
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import psycopg
from psycopg import sql

from tests.benchmarks.figures import Figure
from tests.benchmarks.planted import Plants, files, found_in, picture
from tests.benchmarks.storing import c_store, listening
from tests.instance import FOLDER, Instance, running

JSON = "application/json"
PATIENCE = 120.0  # seconds for the workers to end
SETUP = (
    "from accounts.models import User; from knox.models import AuthToken; "
    "print(AuthToken.objects.create(User.objects.create_user('bench-admin', is_staff=True))[1])"
)
MADE_READABLE = (
    5 * 8
)  # images at least: so many of each delivery must come in, or nothing is proved
Left = dict[str, set[bytes]]  # where → what was found


def measure() -> tuple[list[Figure], str]:
    plants = Plants()
    left: Left = {}
    with running("identities", OSTEON_CHECK_TEXT="1") as instance:
        token = instance.manage("shell", "--no-imports", "-v0", "-c", SETUP).strip()
        client = Client(instance, token)
        taken = send(instance, client, plants)
        search(left, "rows", rows(instance), plants)
        search(left, "answers", answers(client), plants)
    kept = [path for path in sorted(instance.data.rglob("*")) if path.is_file()]
    for path in kept:
        search(left, str(path.relative_to(instance.data)), path.read_bytes(), plants)
    for where, words in sorted(left.items()):
        print(f"FOUND in {where}: {b', '.join(sorted(words)[:5]).decode()}")
    searched = sum(path.stat().st_size for path in kept)
    figures = [
        Figure(
            "identities.left",
            len(set().union(*left.values())),
            "≤ 0",
            "planted words found anywhere",
        ),
        Figure(
            "identities.planted",
            len(plants.words),
            "≥ 1000",
            f"words planted; {taken} images with them taken",
        ),
        Figure(
            "identities.searched_mb",
            searched / 1e6,
            "",
            "in the data folder, database and logs included",
        ),
    ]
    return figures, NOTES


NOTES = (
    "A word stands in each text, UID and date element of DICOM's dictionary, at the top and down to four levels of"
    " sequences; in private blocks, overlays, curves, padding, the file's meta group, its preamble and behind its end;"
    " in JPEG, JPEG-LS and JPEG 2000 comments; in PNG texts; in the names of files and folders, and in files that are"
    " refused. They come by `manage.py ingest`, by the upload API, one by one and in a zip, by STOW-RS and by C-STORE."
)


class Client:
    def __init__(self, instance: Instance, token: str) -> None:
        self.netloc = urlsplit(instance.origin).netloc
        self.token = token

    def call(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection(self.netloc, timeout=60)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Authorization": f"Token {self.token}"} | given)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content, answer.headers

    def get(self, path: str) -> Any:
        status, content, _ = self.call("GET", path)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}: {content[:300]!r}")
        return json.loads(content)


def send(instance: Instance, client: Client, plants: Plants) -> int:
    """By each way in; how many images were taken."""
    folder = FOLDER / "identities-sent"  # outside of the data folder: it is where they come from
    shutil.rmtree(folder, ignore_errors=True)
    name, pixels, line = picture(plants)
    written(folder, files(plants) | {name: pixels})
    table = folder / f"{plants.word()}.csv"
    table.write_text(f"file,patient_id,laterality,body_part_examined\n{line}\n")
    print(instance.manage("ingest", str(folder), "--csv", str(table)).splitlines()[-1])
    refused_table = (
        f"file,patient_id,laterality\n{line.partition(',')[0]},{plants.word()},{plants.word()}\n"
    )
    upload(
        client,
        files(plants)
        | {f"{plants.word()}.zip": zipped(files(plants))}
        | {f"{plants.word()}.csv": refused_table.encode()},
    )
    stow(client, files(plants))
    with listening(instance) as port:
        if not c_store(port, written(folder / "stored", files(plants))):
            raise RuntimeError("The listener took nothing, so nothing is proved of it.")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and unfinished(instance):
        time.sleep(0.5)
    counted = scalar(instance, "SELECT count(*) FROM archive_instance")
    if counted < MADE_READABLE:
        raise RuntimeError(f"Only {counted} images were taken, so nothing is proved.")
    return counted


def written(folder: Path, sent: dict[str, bytes]) -> list[Path]:
    """Where they lie now."""
    for path, data in sent.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return [folder / path for path in sent]


def upload(client: Client, sent: dict[str, bytes]) -> None:
    """By tus (tus.io, 1.0.0), one file after the other."""
    _, content, _ = client.call("POST", "/api/uploads/", b"{}", Content_Type=JSON)
    number = json.loads(content)["id"]
    for name, data in sent.items():
        path = base64.b64encode(name.encode()).decode()
        base = base64.b64encode(Path(name).name.encode()).decode()
        _, _, headers = client.call(
            "POST",
            f"/api/uploads/{number}/files/",
            b"",
            Tus_Resumable="1.0.0",
            Upload_Length=str(len(data)),
            Upload_Metadata=f"filename {base},relativePath {path}",
        )
        status, content, _ = client.call(
            "PATCH",
            urlsplit(headers["Location"]).path,
            data,
            Tus_Resumable="1.0.0",
            Upload_Offset="0",
            Content_Type="application/offset+octet-stream",
        )
        if status != 204:
            raise RuntimeError(f"The upload of a file answered {status}: {content[:300]!r}")
    status, content, _ = client.call(
        "POST", f"/api/uploads/{number}/start/", b"{}", Content_Type=JSON
    )
    if status != 202:
        raise RuntimeError(f"The start of the upload answered {status}: {content[:300]!r}")


def zipped(sent: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, data in sent.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def stow(client: Client, sent: dict[str, bytes]) -> None:
    """By STOW-RS (PS3.18 10.5), all in one request."""
    boundary = uuid.uuid4().hex
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    body = (
        b"".join([head + data + b"\r\n" for data in sent.values()]) + f"--{boundary}--\r\n".encode()
    )
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    status, content, _ = client.call(
        "POST", "/dicomweb/studies", body, Content_Type=kind, Accept="application/dicom+json"
    )
    if status not in (200, 202):
        raise RuntimeError(f"STOW answered {status}: {content[:300]!r}")


def unfinished(instance: Instance) -> int:
    """Jobs that are live, and images that wait for the search."""
    return scalar(
        instance,
        "SELECT (SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running'))"
        " + (SELECT count(*) FROM archive_instance WHERE state = 'checking')",
    )


def scalar(instance: Instance, question: str) -> int:
    with psycopg.connect(instance.environment["DATABASE_URL"]) as connection:
        row = connection.execute(question).fetchone()
        return int(row[0]) if row else 0


def rows(instance: Instance) -> bytes:
    """Every row of every table as text, and what its JSON holds as base64."""
    found: list[str] = []
    with psycopg.connect(instance.environment["DATABASE_URL"]) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            every = sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table))
            found += [row[0] for row in connection.execute(every)]
        inline = connection.execute(
            "SELECT jsonb_path_query(metadata, '$.**.InlineBinary') #>> '{}' FROM archive_instance"
        ).fetchall()
    return "\n".join(found).encode() + b"".join(base64.b64decode(one) for (one,) in inline)


def answers(client: Client) -> bytes:
    """What the API and DICOMweb say of all that is here, held ones released."""
    content = [client.call("GET", "/api/uploads/")[1], client.call("GET", "/api/holds/")[1]]
    for row in client.get("/api/holds/")["results"]:
        content.append(client.call("GET", row["picture"])[1])
        client.call(
            "POST",
            f"/api/holds/{row['sop_instance_uid']}/release/",
            b"{}",
            Content_Type=JSON,
        )
    listed = client.get("/api/studies/")
    content.append(json.dumps(listed).encode())
    for study in listed["results"]:
        content += study_answers(client, study)
    return b"\n".join(content)


def study_answers(client: Client, study: dict[str, Any]) -> list[bytes]:
    root = f"/dicomweb/studies/{study['study_instance_uid']}"
    found = [client.call("GET", study["thumbnail"])[1]]
    for one in instances(client, root):
        own = f"{root}/series/{one['0020000E']['Value'][0]}/instances/{one['00080018']['Value'][0]}"
        found += [
            client.call("GET", f"{own}/{what}", Accept="*/*")[1]
            for what in ("metadata", "frames/1")
        ]
        found.append(
            client.call(
                "GET", own, Accept='multipart/related; type="application/dicom"; transfer-syntax=*'
            )[1]
        )
        found.append(client.call("GET", f"{own}/metadata")[1])
    return found


def instances(client: Client, root: str) -> list[dict[str, Any]]:
    status, content, _ = client.call("GET", f"{root}/metadata", Accept="application/dicom+json")
    return json.loads(content) if status == 200 else []


def search(left: Left, where: str, data: bytes, plants: Plants) -> None:
    if words := found_in(data, plants):
        left[where] = words
