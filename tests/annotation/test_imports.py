import io
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from annotation.imports import Imported, TableProblem, import_labels, read_table
from annotation.models import Annotation, Case, Task
from annotation.references import references
from annotation.splits import split_of
from archive.deidentify import patient_key
from tests.factories.annotation import (
    grade,
    make_images,
    make_patient,
    make_task,
    make_user,
    whole,
)

pytestmark = pytest.mark.django_db
HEADER = "file,patient_id,laterality,kl_grade,split\n"


def test_a_table_that_no_reader_understands_is_named_with_its_line() -> None:
    with pytest.raises(TableProblem, match=r"^Line 2: "):
        read_table(io.StringIO(HEADER + "x" * 200_000 + ",A,R,2,train\n"))


@pytest.fixture
def task() -> Task:
    return make_task()


@pytest.fixture
def reader() -> User:
    return make_user("oai")


def knees(*patients: str) -> None:
    for patient_id in patients:
        patient = make_patient(patient_key(patient_id))
        make_images(patient, "R", modality="OT")
        make_images(patient, "L", modality="OT")


def take(task: Task, reader: User, text: str) -> Imported:
    return import_labels(task, read_table(io.StringIO(text)), reader)


def test_labels_become_references_with_their_split(task: Task, reader: User) -> None:
    knees("9001", "9002")
    done = take(
        task,
        reader,
        HEADER + "9001R.jpg,9001,R,3,test\n9001L.jpg,9001,L,0,test\n9002R.jpg,9002,R,4,tune\n",
    )

    assert done == Imported(written=3, already=0, wrong=[], unmatched=[])
    found = {
        read.case.key: read for read in references(task).select_related("case__patient", "reader")
    }
    values = {
        (read.case.patient.patient_id, read.case.laterality): read.answers
        for read in found.values()
    }
    assert values == {
        (patient_key("9001"), "R"): whole(grade(3)),
        (patient_key("9001"), "L"): whole(grade(0)),
        (patient_key("9002"), "R"): whole(grade(4)),
    }
    assert {split_of(task, read.case.patient) for read in found.values()} == {"test", "tune"}
    assert {read.reader for read in found.values()} == {reader}
    assert Case.objects.filter(task=task, state="read").count() == 3
    assert Case.objects.filter(task=task, state="waiting").count() == 1
    assert apps.get_model("annotation", "AnnotationEvent").objects.count() == 3


def test_importing_again_changes_nothing(task: Task, reader: User) -> None:
    knees("9001")
    text = HEADER + "a.jpg,9001,R,3,train\n"
    take(task, reader, text)
    assert take(task, reader, text.replace(",3,", ",1,")) == Imported(0, 1, [], [])
    assert Annotation.objects.get().answers == whole(grade(3))


def test_rows_with_a_wrong_answer_and_rows_that_fit_no_case_are_told_apart(
    task: Task, reader: User
) -> None:
    knees("9001")
    make_images(make_patient(patient_key("9002")), "R")
    make_images(make_patient(patient_key("9003")), "R", modality="MR")
    done = take(
        task,
        reader,
        HEADER
        + "a.jpg,9001,R,,\nb.jpg,9001,L,7,\nc.jpg,9999,L,2,\nd.jpg,9003,R,2,\ne.jpg,9002,R,na,\n",
    )

    assert done.written == 1
    assert done.wrong == [
        "Line 2 (a.jpg): there is no answer to Kellgren-Lawrence grade.",
        "Line 3 (b.jpg): '7' is no grade. Choose a grade from 0 to 4.",
    ]
    assert done.unmatched == [
        "Line 4 (c.jpg): no case of this patient and side is in the task.",
        "Line 5 (d.jpg): no case of this patient and side is in the task.",
    ]
    assert Annotation.objects.get().answers == whole({"kl": {"state": "not_assessable"}})


def test_two_studies_of_one_knee_are_not_guessed_between(task: Task, reader: User) -> None:
    patient = make_patient(patient_key("9001"))
    make_images(patient)
    make_images(patient)
    done = take(task, reader, HEADER + "a.jpg,9001,R,2,\n")
    assert done == Imported(
        0,
        0,
        [],
        ["Line 2 (a.jpg): 2 cases of this patient and side are in the task; which one is unclear."],
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("file,kl\n", "The table has no column laterality and patient_id."),
        ("patient_id,laterality\n9001,R\n", "no column for any field of the form; it needs kl."),
        (HEADER + "a,9001,X,2,train\n", "Line 2: laterality 'X' must be R, L, B or empty."),
        (
            HEADER + "a,9001,R,2,holdout\n",
            "Line 2: split 'holdout' must be train, tune, test or empty.",
        ),
        (HEADER + "a,,R,2,train\n", "Line 2: patient_id is empty."),
        (HEADER + "a,9001,R,2,train\nb,9001,L,2,test\n", "the patient of b stands in two splits."),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(
    task: Task, reader: User, text: str, problem: str
) -> None:
    with pytest.raises(TableProblem, match=problem.replace("(", r"\(")):
        take(task, reader, text)
    assert not Annotation.objects.exists()


def test_many_rows_take_as_many_queries_as_one(
    task: Task, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    knees("9001", "9002", "9003", "9004")
    one = read_table(io.StringIO(HEADER + "a,9001,R,2,train\n"))
    three = read_table(
        io.StringIO(HEADER + "b,9002,R,2,train\nc,9003,R,2,train\nd,9004,R,2,train\n")
    )
    import_labels(task, [], reader)
    for rows in (one, three):
        with django_assert_num_queries(19):
            import_labels(task, rows, reader)


def test_the_command_tells_what_it_did(
    task: Task, reader: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    knees("9001")
    table = tmp_path / "labels.csv"
    wrong = "".join(f"w{number}.jpg,9001,L,K{number},train\n" for number in range(11))
    rows = "a.jpg,9001,R,2,train\nb.jpg,9009,R,2,train\n" + wrong
    table.write_text(HEADER + rows, encoding="utf-8")

    call_command("import_labels", str(table), "--task", str(task.pk), "--reader", "oai")

    assert capsys.readouterr().out == (
        "Rows with an answer that the form does not take: 11\n"
        + "".join(f"  Line {n + 4} (w{n}.jpg): 'K{n}' is no grade.\n" for n in range(10))
        + "  … and 1 more.\n"
        "Rows that fit no case of the task, or several: 1\n"
        "  Line 3 (b.jpg): no case of this patient and side is in the task.\n"
        "1 labels written, 0 were there already.\n"
    )


@pytest.mark.parametrize(
    ("name", "task_id", "problem"),
    [("nobody", None, "There is no user 'nobody'."), ("oai", 0, "There is no task 0.")],
)
def test_the_command_says_whom_it_does_not_know(
    task: Task, reader: User, tmp_path: Path, name: str, task_id: int | None, problem: str
) -> None:
    wanted = str(task.pk if task_id is None else task_id)
    with pytest.raises(CommandError, match=problem):
        call_command("import_labels", str(tmp_path / "x.csv"), "--task", wanted, "--reader", name)
