from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.roles import Role
from annotation import catalogue
from annotation.models import Task
from annotation.reading import Save, save_draft, submit
from annotation.worklist import claim
from tests.factories.accounts import client_of
from tests.factories.annotation import (
    grade,
    make_cases,
    make_draft,
    make_read,
    make_reader,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
TEMPLATE = catalogue.FOLDER / "knee-oa-kl.toml"


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of templates that a test may change, with the knees in it."""
    (tmp_path / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def task(templates: Path) -> Task:
    return make_task()


def change(templates: Path, old: str, new: str) -> None:
    path = templates / TEMPLATE.name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_unchanged_template_makes_no_new_version(task: Task) -> None:
    assert catalogue.publish(task).version == 1


def test_a_draft_keeps_its_version_and_the_next_case_has_the_new_one(
    task: Task, templates: Path
) -> None:
    make_cases(task, 2)
    reader = make_reader(task)
    draft = make_draft(task, reader)
    save_draft(draft.pk, reader, Save(0, grade(2)), "a")
    change(templates, 'key = "jsn"', 'key = "narrowing"')

    assert catalogue.publish(task).version == 2

    again = claim(task, reader)
    assert again is not None
    assert (again.pk, again.form.version) == (draft.pk, 1)
    answers = submit(draft.pk, reader, Save(1, grade(2)), "b")["annotation"]["answers"]
    assert "jsn@medial" in answers
    after = make_draft(task, reader)
    assert after.form.version == 2
    assert [field["key"] for field in after.form.content["fields"]][1] == "narrowing"


def test_my_reads_come_with_the_form_that_each_answered(task: Task, templates: Path) -> None:
    make_cases(task, 2)
    reader = make_reader(task)
    make_read(task, reader)
    change(templates, 'label = "Minimal"', 'label = "Slight"')
    catalogue.publish(task)
    make_read(task, reader)

    found = client_of(reader).get(f"/api/tasks/{task.pk}/reads/").json()

    assert [row["form_version"] for row in found["results"]] == [2, 1]
    labels = {
        version: form["fields"][0]["grades"][2]["label"] for version, form in found["forms"].items()
    }
    assert labels == {"1": "Minimal", "2": "Slight"}


def test_a_key_keeps_its_meaning_for_ever(task: Task, templates: Path) -> None:
    """Also when the field was left out in between."""
    change(templates, 'key = "jsn"', 'key = "narrowing"')
    catalogue.publish(task)
    change(templates, 'key = "narrowing"', 'key = "jsn"')
    change(templates, 'version = "2007"', 'version = "1995"')
    with pytest.raises(catalogue.TemplateProblem, match="Field 'jsn' was of another scale before"):
        catalogue.publish(task)
    assert task.forms.count() == 2


def test_staff_publish_by_the_api(task: Task, templates: Path) -> None:
    staff = client_of(make_user(is_staff=True))
    url = f"/api/tasks/{task.pk}/form/"
    assert staff.post(url).json()["new"] is False
    change(templates, "Beside the same compartment of the atlas.", "Beside the atlas.")

    answer = staff.post(url)

    assert (answer.status_code, answer.json()["new"]) == (200, True)
    assert answer.json()["form"]["version"] == 2
    change(templates, 'version = "1957"', 'version = "1963"')
    refused = staff.post(url)
    assert (refused.status_code, refused.json()["detail"][:7]) == (409, "Form 1 ")


def test_others_do_not_publish(task: Task) -> None:
    url = f"/api/tasks/{task.pk}/form/"
    assert client_of(make_reader(task, Role.ADMIN)).post(url).status_code == 403
    assert client_of(make_user()).post(url).status_code == 404


def test_the_command_says_what_it_did(
    task: Task, templates: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("publish", task.pk)
    assert "stays at form 1" in capsys.readouterr().out
    change(templates, "Beside the same compartment of the atlas.", "Beside the atlas.")
    call_command("publish", task.pk)
    assert "asks form 2 from now on" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no task 999"):
        call_command("publish", 999)
    change(templates, 'slug = "knee-oa-kl"', 'slug = "knees"')
    with pytest.raises(CommandError, match="slug must be"):
        call_command("publish", task.pk)


def test_a_task_that_read_pictures_does_not_turn_to_volumes(task: Task, templates: Path) -> None:
    volume = "volume = { spacing_mm = [3.3, 1.2, 1.2], shape = [24, 96, 96] }"
    change(templates, 'encoder = "efficientnet_lite0"\nsize = 224', f'images = "volume"\n{volume}')
    for line in ("erasing = 0.4", "both_ways = true", "skipping = 0.2"):
        change(templates, line, "")

    with pytest.raises(catalogue.TemplateProblem, match="Make a new task of it"):
        catalogue.publish(task)

    assert Task.objects.get(pk=task.pk).forms.count() == 1
