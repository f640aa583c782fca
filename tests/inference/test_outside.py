"""Images from outside: the same pixels give the same answer as a case, and nothing of them is kept."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pydicom import dcmread

from accounts.models import User
from accounts.roles import Role
from annotation.catalogue import current_form
from annotation.models import Seen, Task
from archive.models import Instance, Patient
from inference import asking, keep_current
from inference.models import Prediction
from inference.unasked import not_asked
from jobs.models import Job
from tests.factories.accounts import client_of, token_client
from tests.factories.annotation import make_reader, make_task
from tests.factories.dicom import make_picture
from tests.factories.jobs import run, run_due
from tests.factories.training import make_model
from tests.inference.test_predict import make_trained_task

pytestmark = pytest.mark.django_db(transaction=True)


def stored(case: int) -> bytes:
    with storages["originals"].open(Instance.objects.get(series__cases=case).file) as file:
        data: bytes = file.read()
    return data


def send(client: Client, task: Task, *files: bytes, **more: Any) -> Any:
    parts = [SimpleUploadedFile(f"{n}.dcm", data) for n, data in enumerate(files)]
    return client.post(f"/api/tasks/{task.pk}/predict/", {"wait": 0, "files": parts, **more})


def result(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.content
    job = run(Job.objects.get(pk=answer.json()["job"]["id"]))
    assert job.state == "done", job.error
    found: dict[str, Any] = job.result
    return found


def incoming() -> list[Path]:
    return list(Path(settings.INCOMING_FOLDER).iterdir())


def make_admin(task: Task) -> User:
    return make_reader(task, Role.ADMIN)


def other_pixels(data: bytes) -> bytes:
    return data[:-100] + bytes(100)


def test_the_same_pixels_give_the_stored_answer_to_the_last_digit() -> None:
    task, model, new = make_trained_task(waiting=3)
    files = [stored(case) for case in new]
    admin = make_admin(task)
    before = result(send(token_client(admin), task, files[1], laterality="R"))
    keep_current.keep(task)
    run_due()

    after = result(send(token_client(admin), task, files[1], laterality="R"))

    said = Prediction.objects.get(case=new[1])
    assert before["slots"] == after["slots"] == said.slots
    assert after["model"] == {"id": model.pk, "number": model.number, "weights": model.weights}
    assert (after["images"], after["not_asked"]) == (1, [])


@pytest.mark.parametrize(("said", "told"), [("absent", ["fractures"]), ("present", [])])
def test_boxes_beside_what_is_absent_are_told_as_not_asked(said: str, told: list[str]) -> None:
    form = current_form(make_task("fracture-radiograph"))
    assert form is not None

    slots: dict[str, Any] = {
        "fracture": {"value": said},
        "fractures": {"value": [{"box": [1, 2, 3, 4]}]},
    }

    assert not_asked(form.content["fields"], slots) == told
    del slots["fracture"]
    assert not_asked(form.content["fields"], slots) == []


def test_it_does_not_lean_on_what_the_archive_has_embedded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    task, _, new = make_trained_task(waiting=3)
    keep_current.keep(task)
    run_due()
    monkeypatch.setattr(settings, "CACHE_FOLDER", tmp_path)

    said = result(send(client_of(make_admin(task)), task, stored(new[2]), laterality="R"))

    assert said["slots"] == Prediction.objects.get(case=new[2]).slots
    assert not any(path.stat().st_size > 200 for path in tmp_path.glob("*.rows"))


def test_nothing_is_kept() -> None:
    task, _, new = make_trained_task(waiting=1)
    before = (Instance.everything.count(), Patient.objects.count(), incoming())

    result(send(client_of(make_admin(task)), task, other_pixels(stored(new[0])), laterality="R"))

    assert (Instance.everything.count(), Patient.objects.count(), incoming()) == before


def changed(data: bytes, **said: str | None) -> bytes:
    """The file with other attributes; None takes one away."""
    file = dcmread(BytesIO(data))
    for keyword, value in said.items():
        if value is None:
            file.pop(keyword, None)
        else:
            setattr(file, keyword, value)
    buffer = BytesIO()
    file.save_as(buffer)
    return buffer.getvalue()


SIDELESS = {"Laterality": None, "ImageLaterality": None}


def refused(client: Client, task: Task, *files: bytes, **more: Any) -> str:
    job = run(Job.objects.get(pk=send(client, task, *files, **more).json()["job"]["id"]))
    assert (job.state, job.attempts) == ("failed", 1)
    assert not [path for path in incoming() if path.is_file()]
    assert job.error_said["code"].startswith("outside_")
    return job.error


def test_the_other_side_is_mirrored_and_without_a_side_it_asks() -> None:
    task, _, new = make_trained_task(waiting=1)
    client, file = client_of(make_admin(task)), changed(stored(new[0]), **SIDELESS)
    left, right = (result(send(client, task, other_pixels(file), laterality=side)) for side in "LR")
    assert left["slots"] != right["slots"]

    assert "laterality=L" in refused(client, task, file)


@pytest.mark.parametrize(
    ("said", "more", "sentence"),
    [
        ({"BodyPartExamined": "CHEST"}, {}, "File 1 shows another body part (CHEST)"),
        ({"Modality": "CT"}, {}, "File 1 is of modality CT"),
        ({"Laterality": "L", "ImageLaterality": "L"}, {"laterality": "R"}, "says otherwise"),
    ],
)
def test_what_is_no_case_of_the_task_is_not_answered(
    said: dict[str, str], more: dict[str, str], sentence: str
) -> None:
    task, _, new = make_trained_task(waiting=1)
    file = changed(stored(new[0]), **said)

    assert sentence in refused(client_of(make_admin(task)), task, file, **more)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_is_called_one(kind: str) -> None:
    task = make_task()
    make_model(task, "current")

    said = refused(client_of(make_admin(task)), task, make_picture(kind))

    assert said == "File 1 is a PNG or JPEG picture; only DICOM is taken here: export it as DICOM."


def test_files_of_two_patients_or_sides_are_no_case() -> None:
    task, _, new = make_trained_task(waiting=2)
    client, file = client_of(make_admin(task)), stored(new[0])
    sides = [changed(file, Laterality=side, ImageLaterality=side) for side in "LR"]

    assert "several patients" in refused(client, task, file, stored(new[1]))
    assert "one side at a time" in refused(client, task, *sides)


def test_an_image_without_anything_on_it_is_not_answered() -> None:
    task, _, new = make_trained_task(waiting=1)
    file = dcmread(BytesIO(stored(new[0])))
    file.decompress() if file.file_meta.TransferSyntaxUID.is_compressed else None
    file.PixelData = bytes(len(file.PixelData))
    buffer = BytesIO()
    file.save_as(buffer)

    assert "alike" in refused(client_of(make_admin(task)), task, buffer.getvalue())


def test_an_admin_who_sends_an_image_of_a_case_has_seen_what_is_said_of_it() -> None:
    task, _, new = make_trained_task(waiting=2)
    admin = make_admin(task)

    result(send(client_of(admin), task, stored(new[0])))

    assert list(Seen.objects.values_list("case", "person")) == [(new[0], admin.pk)]


@pytest.mark.parametrize("damage", [lambda data: data[:400], lambda data: b"hello" + data[5:200]])
def test_a_bad_file_is_refused_with_a_sentence_before_it_is_decoded(damage: Any) -> None:
    task, _, new = make_trained_task(waiting=1)
    answer = send(client_of(make_admin(task)), task, stored(new[0]), damage(stored(new[0])))

    job = run(Job.objects.get(pk=answer.json()["job"]["id"]))

    assert (job.state, job.attempts) == ("failed", 1)
    assert job.error.startswith("File 2 ")
    assert job.error.endswith(".")
    assert job.error_said["code"] == "outside_file"
    told = job.error_said["parameters"]
    assert (told["number"], told["why"]["code"][:5]) == (2, "file_")
    assert not [path for path in incoming() if path.is_file()]


def test_the_request_itself_is_answered_where_a_worker_is_quick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker works while the request sleeps."""
    task, _, new = make_trained_task(waiting=1)
    monkeypatch.setattr("time.sleep", lambda _: run_due())

    answer = send(client_of(make_admin(task)), task, stored(new[0]), wait=5)
    refused = send(client_of(make_admin(task)), task, b"no DICOM at all", wait=5)

    assert answer.status_code == 200
    assert answer.json()["slots"]["kl"]["kind"] == "grade"
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("File 1 ")


def test_who_may_not_ask_is_told_so_and_nothing_stays() -> None:
    task = make_task()
    file = b"any"
    assert send(client_of(make_admin(task)), task, file).json()["code"] == "no_model"
    make_model(task, "current")

    assert send(client_of(make_reader(task)), task, file).status_code == 403
    assert send(client_of(make_reader(make_task())), task, file).status_code == 404
    assert send(client_of(), task, file).status_code == 401
    assert send(client_of(make_admin(task)), task).status_code == 400
    assert send(client_of(make_admin(task)), task, file, laterality="X").status_code == 400
    assert not [path for path in incoming() if path.is_file()]
    assert not Job.objects.filter(kind="inference.outside").exists()


def test_one_person_may_not_fill_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_WAITING", 2)
    task = make_task()
    make_model(task, "current")
    admin = client_of(make_admin(task))
    answers = [send(admin, task, b"any") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert send(client_of(make_admin(task)), task, b"any").status_code == 202


def test_the_answer_is_for_who_asked_alone() -> None:
    task, _, new = make_trained_task(waiting=1)
    job = send(client_of(make_admin(task)), task, stored(new[0])).json()["job"]["id"]

    assert client_of(make_reader(task)).get(f"/api/jobs/{job}/").status_code == 404
