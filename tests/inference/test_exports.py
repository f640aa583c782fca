import asyncio
import csv
import hashlib
from io import BytesIO, StringIO
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connections
from django.test import AsyncClient, Client

from accounts.errors import Problem
from accounts.models import User
from accounts.roles import Role
from annotation.models import Annotation, Export, Form, Snapshot, Task
from annotation.reading import Save, amend, submit
from annotation.snapshots import freeze
from inference import arms, exports
from tests.factories.annotation import grade, make_draft, make_reader, make_task
from tests.factories.inference import keep_cases, make_prediction
from tests.factories.jobs import run
from tests.factories.training import make_model

pytestmark = pytest.mark.django_db(transaction=True)


def make_shown_task() -> Task:
    """Three cases whose prediction, grade 3, was shown: one accepted, one changed, one not assessable."""
    task = make_task()
    task.unassisted_share = 0.0
    task.save()
    model, reader = make_model(task, "current"), make_reader(task)
    for case in keep_cases(task, "train", 3):
        make_prediction(case, model, value=3)
    for number, answers in enumerate([grade(3), grade(1), {"kl": {"state": "not_assessable"}}]):
        draft = make_draft(task, reader)
        arms.draw(task, draft)
        submit(draft.pk, reader, Save(0, answers), f"key-{number}")
    return task


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode(), newline="")))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_it_writes_the_arm_the_model_and_what_became_of_its_proposal() -> None:
    task = make_shown_task()
    file = BytesIO()

    written, sha256 = exports.write(file, freeze(task))

    rows = rows_of(file.getvalue())
    assert written == len(rows) == 3
    assert sha256 == hashlib.sha256(file.getvalue()).hexdigest()
    assert {(row["arm"], row["model_shown"], row["kl_proposal"]) for row in rows} == {
        ("assisted", "1", "3")
    }
    assert {(row["kl"], row["kl_outcome"]) for row in rows} == {
        ("3", "accepted"),
        ("1", "changed"),
        ("", "changed"),
    }
    assert {row["stream"] for row in rows} <= {"control", "ranked"}


def test_it_writes_equal_bytes_for_equal_references() -> None:
    task = make_shown_task()
    files = [BytesIO(), BytesIO()]

    hashes = {exports.write(file, freeze(task))[1] for file in files}

    assert len(hashes) == 1


def test_an_amendment_changes_nothing_in_what_was_frozen_before() -> None:
    task = make_shown_task()
    snapshot, files = freeze(task), [BytesIO(), BytesIO()]
    before = exports.write(files[0], snapshot)
    read = Annotation.objects.filter(case__task=task, answers__kl__value=3).get()

    save = Save(read.version, grade(0), active_seconds=1e6, side="L", reason="A slip")
    amend(read.pk, read.reader, save, "amend")

    assert exports.write(files[1], snapshot) == before
    [now] = [row for row in rows_of(exported(freeze(task))) if row["kl"] == "0"]
    assert now["amended_at"]
    assert (now["side_settled"], now["kl_outcome"]) == ("L", "changed")


def exported(snapshot: Snapshot) -> bytes:
    file = BytesIO()
    exports.write(file, snapshot)
    return file.getvalue()


def test_what_was_proposed_to_an_earlier_version_of_the_form_stays_in_the_export() -> None:
    task = make_shown_task()
    content = task.forms.get().content
    content["fields"] = [field for field in content["fields"] if field["key"] != "kl"]
    Form.objects.create(task=task, version=2, content=content)
    assert {row["kl_proposal"] for row in rows_of(exported(freeze(task)))} == {"3"}


def test_its_job_keeps_the_file_and_an_admin_fetches_it() -> None:
    task = make_shown_task()
    admin = make_reader(task, Role.ADMIN)
    client = client_of(admin)

    started = client.post(f"/api/tasks/{task.pk}/exports/")
    assert started.status_code == 202
    export = Export.objects.get(pk=started.json()["id"])
    early = client.get(f"/api/exports/{export.pk}/download/")
    assert early.status_code == 409
    assert run(export.job).state == "done"

    [listed] = client.get(f"/api/tasks/{task.pk}/exports/").json()
    content, headers = asyncio.run(download(admin, export.pk))
    assert (listed["state"], listed["rows"]) == ("done", 3)
    assert hashlib.sha256(content).hexdigest() == listed["sha256"]
    assert headers["ETag"] == f'"{listed["sha256"]}"'
    assert int(headers["Content-Length"]) == listed["size_bytes"] == len(content)
    assert len(rows_of(content)) == 3


async def download(user: User, export_id: int) -> tuple[bytes, Any]:
    client = AsyncClient()
    await sync_to_async(client.force_login)(user)
    answer: Any = await client.get(f"/api/exports/{export_id}/download/")
    assert answer.status_code == 200
    content = b"".join([piece async for piece in answer.streaming_content])
    await sync_to_async(connections.close_all)()  # this thread's own
    return content, answer.headers


def test_only_admins_of_the_task_come_near_an_export() -> None:
    task, other = make_shown_task(), make_task()
    export = exports.start(task, None)
    run(export.job)
    reader, stranger = make_reader(task), make_reader(other, Role.ADMIN)

    for path in (f"/api/tasks/{task.pk}/exports/", f"/api/exports/{export.pk}/download/"):
        assert client_of(reader).get(path).status_code == 403
        assert client_of(stranger).get(path).status_code == 404
        assert Client().get(path).status_code == 401
    assert client_of(reader).post(f"/api/tasks/{task.pk}/exports/").status_code == 403


def test_it_says_when_there_is_nothing_to_export() -> None:
    with pytest.raises(Problem, match="No case has a reference yet"):
        exports.start(make_task(), None)


def test_it_says_when_the_file_is_gone() -> None:
    task = make_shown_task()
    export = exports.start(task, None)
    run(export.job)
    export.refresh_from_db()
    storages["default"].delete(export.file)

    answer = client_of(make_reader(task, Role.ADMIN)).get(f"/api/exports/{export.pk}/download/")

    assert (answer.status_code, answer.json()["detail"]) == (
        410,
        "The file of this export is gone; export again.",
    )


def test_the_command_writes_the_same_file(tmp_path: Any) -> None:
    task = make_shown_task()
    out = tmp_path / "references.csv"

    call_command("export", str(task.pk), out=out, stdout=StringIO())

    assert len(rows_of(out.read_bytes())) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["references.csv"]
