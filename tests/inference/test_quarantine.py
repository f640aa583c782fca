"""Pictures that cannot be read, and pictures that end who reads them: three tries, then left alone; the others go on."""

import io
import signal
import time
from errno import EIO
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import storages
from django.db import connection
from PIL import Image

from accounts.roles import Role
from annotation.cases import build_cases
from annotation.models import Case, Task
from archive import store
from archive.deidentify import patient_key
from archive.ingest import ingest_bytes
from archive.models import Instance
from archive.secondary_capture import Attributes
from inference import keep_current, quarantine
from inference.models import Prediction, Unreadable
from jobs.bell import ring
from jobs.models import Job
from tests.factories.accounts import client_of
from tests.factories.annotation import make_reader
from tests.factories.jobs import expire, run_due
from tests.inference.poison.sitecustomize import MARK
from tests.inference.test_predict import make_trained_task
from tests.jobs.processes import LEASE, Process

pytestmark = pytest.mark.django_db(transaction=True)


def let_the_pause_be_over() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inference_unreadable SET again_at = now() - interval '1 minute'")


def damage(case: int) -> None:
    storages["originals"].delete(Instance.objects.get(series__cases=case).file)


def keep(task: Task) -> Job | None:
    keep_current.keep(task)
    return next(iter(run_due()), None)


def test_a_damaged_image_is_tried_three_times_a_while_apart_while_the_rest_go_on() -> None:
    task, model, new = make_trained_task(waiting=4)
    damage(new[0])

    first = keep(task)
    assert first is not None
    assert first.result["predicted"] == 3
    assert sorted(Prediction.objects.values_list("case", flat=True)) == new[1:]
    assert keep(task) is None  # its pause is not over
    let_the_pause_be_over()
    keep(task)
    let_the_pause_be_over()
    third = keep(task)

    [row] = Unreadable.objects.all()
    assert (row.case_id, row.tries, row.again_at) == (new[0], 3, None)
    assert third is not None
    assert third.result["set_aside"] == [{"case": new[0], "name": row.case.name, "why": row.reason}]
    assert Prediction.objects.get(case=new[0]).slots == {}
    assert not keep_current.lacking(model).exists()


def test_a_disk_that_fails_is_no_fault_of_the_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    task, _, _ = make_trained_task(waiting=2)

    def away(*_: object) -> bytes:
        raise OSError(EIO, "Input/output error")

    monkeypatch.setattr(store, "read", away)
    job = keep(task)

    assert job is not None
    assert (job.state, job.attempts) == ("queued", 1)
    assert "Input/output error" in job.error
    assert not Unreadable.objects.exists()


def test_a_disk_that_is_not_mounted_is_no_fault_of_the_pictures() -> None:
    task, _, _ = make_trained_task(waiting=2)
    folder = Path(storages["originals"].path(""))
    folder.rename(folder.with_name("unmounted"))
    folder.mkdir()

    job = keep(task)

    assert job is not None
    assert job.state == "queued"
    assert "The folder of the originals is empty" in job.error
    assert not Unreadable.objects.exists()


def test_people_see_on_the_worklist_why_a_case_has_no_prediction() -> None:
    task, _, new = make_trained_task(waiting=2)
    Unreadable.objects.create(case_id=new[0], pixels="x", tries=3, reason="It is cut off.")
    Unreadable.objects.create(case_id=new[1], pixels="x", tries=2, reason="It is cut off.")
    address = f"/api/tasks/{task.pk}/worklist/?state=waiting"

    for user in (make_reader(task), make_reader(task, Role.ADMIN)):
        rows = client_of(user).get(address).json()["results"]
        assert {row["case"]: row["unreadable"] for row in rows} == {
            new[0]: "It is cut off.",
            new[1]: None,
        }


def test_a_new_model_does_not_try_it_again_but_other_pixels_are_tried() -> None:
    task, _, new = make_trained_task(waiting=2)
    damage(new[0])
    for _ in range(3):
        keep(task)
        let_the_pause_be_over()
    Prediction.objects.all().delete()
    keep(task)

    assert Unreadable.objects.get().tries == 3
    assert Prediction.objects.get(case=new[0]).slots == {}

    Prediction.objects.all().delete()
    Unreadable.objects.update(pixels="those of before")
    keep(task)
    assert Unreadable.objects.get().tries == 1


def test_one_that_can_be_read_after_all_is_forgotten() -> None:
    task, _, new = make_trained_task(waiting=1)
    case = Case.objects.get(pk=new[0])
    Unreadable.objects.create(case=case, pixels="x", tries=2, reason="No disk.")

    keep(task)

    assert not Unreadable.objects.exists()
    assert Prediction.objects.get(case=case).slots


def test_a_released_case_is_lacking_again() -> None:
    task, model, new = make_trained_task(waiting=1)
    case = Case.objects.get(pk=new[0])
    damage(case.pk)
    for _ in range(3):
        keep(task)
        let_the_pause_be_over()
    assert not keep_current.lacking(model).exists()

    assert quarantine.release(Case.objects.filter(task=task)) == 1

    assert list(keep_current.lacking(model)) == [case]
    assert quarantine.release(Case.objects.filter(task=task)) == 0


def add_poison(task: Task) -> int:
    """A picture that ends whichever process of `poison` decodes it (poison/sitecustomize.py)."""
    plane = np.full((64, 64), 60, np.uint8)
    plane[0, : len(MARK)] = np.frombuffer(MARK, np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(plane).save(buffer, "PNG")
    item = ingest_bytes("poison.png", buffer.getvalue(), Attributes("poison", "R", "KNEE"))
    assert item.outcome == "taken"
    build_cases(task, {patient_key("poison"): "train"})
    return Case.objects.get(task=task, patient__patient_id=patient_key("poison")).pk


def start_worker(name: str, log: Path) -> Process:
    poison = Path(__file__).parent / "poison"
    root = poison.parents[2]
    return Process(
        [
            *("celery", "-A", "config", "worker", "-Q", "infer", "-P", "solo"),
            *("-n", f"{name}@here", "-l", "INFO"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        log,
        JOB_LEASE_SECONDS=str(LEASE),
        PYTHONPATH=f"{poison}:{root}:{root / 'platform'}",
    )


def ended(job: Job, seconds: float = 60) -> Job:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job.refresh_from_db()
        if not job.is_live:
            return job
        time.sleep(0.1)
    raise AssertionError(f"{job} stays so: {job.text}")


def test_a_picture_that_kills_its_worker_is_set_aside_and_the_others_are_predicted(
    tmp_path: Path,
) -> None:
    """The first worker dies of it. The next lets a child decode, of which only that one dies."""
    task, _, new = make_trained_task(waiting=3)
    poison = add_poison(task)
    job = keep_current.keep(task)
    assert job is not None
    first = start_worker("first", tmp_path / "first.log")
    try:
        first.process.wait(60)
    finally:
        first.kill()
    assert first.process.returncode == -signal.SIGKILL
    assert not Prediction.objects.exists()

    expire(job)
    ring(job.pk, job.kind, job.queue)
    second = start_worker("second", tmp_path / "second.log")
    try:
        assert ended(job).state == "done", job.error
        assert sorted(Prediction.objects.values_list("case", flat=True)) == new
        for _ in range(2):
            let_the_pause_be_over()
            job = keep_current.keep(task)
            assert job is not None
            assert ended(job).state == "done", job.error
        assert second.process.poll() is None
    finally:
        second.kill()

    [row] = Unreadable.objects.all()
    assert (row.case_id, row.tries, row.again_at) == (poison, 3, None)
    assert "ended the program" in row.reason
    assert [one["case"] for one in job.result["set_aside"]] == [poison]
