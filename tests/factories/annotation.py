"""Rows for tests of what readers do: users, tasks from real templates, and cases with images that have no pixels."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from pydicom.dataset import Dataset

from accounts.models import User
from accounts.roles import Role
from annotation import catalogue, forms, tasks
from annotation.cases import build_cases
from annotation.forms import Answers
from annotation.models import Annotation, Case, Task
from annotation.reading import Save, submit
from annotation.worklist import claim
from archive.metadata import dicom_json
from archive.models import Instance, Patient, Series, Study

_numbers = count(1)


def make_user(name: str = "", is_staff: bool = False) -> User:
    """A user without a password."""
    return User.objects.create_user(name or f"user-{next(_numbers)}", is_staff=is_staff)


def make_task(template: str = "knee-oa-kl", seed: int = 1) -> Task:
    """A task without cases and members."""
    return tasks.create_task(template, free_name("Knees"), seed=seed)


def free_name(name: str) -> str:
    """The name, with a number where there is such a task already."""
    there = Task.objects.filter(name__istartswith=name).count()
    return f"{name} {there + 1}" if there else name


def make_reader(task: Task, role: Role = Role.READER) -> User:
    """A member of the task."""
    user = make_user()
    tasks.set_role(task, user, role)
    return user


def make_patient(patient_id: str = "") -> Patient:
    number = next(_numbers)
    return Patient.objects.create(
        patient_id=patient_id or f"id-{number}", pseudonym=f"P-{number:04d}"
    )


def make_images(
    patient: Patient,
    laterality: str = "R",
    images: int = 1,
    modality: str = "CR",
    body_part: str = "KNEE",
    view: str = "PA",
    description: str = "",
    study: Study | None = None,
    **more: Any,
) -> Study:
    """One series of a patient with its images, in a study of its own unless one is given.

    `more`: fields of its instances, such as state. make_image makes images that are not alike.
    """
    study = study or Study.objects.create(
        patient=patient, study_instance_uid=f"1.2.{next(_numbers)}"
    )
    series = Series.objects.create(
        study=study,
        series_instance_uid=f"1.3.{next(_numbers)}",
        modality=modality,
        body_part_examined=body_part,
        laterality=laterality,
        view_position=view,
        series_description=description,
    )
    for position in range(images):
        make_image(series, instance_number=position + 1, **more)
    return study


def make_image(
    series: Series, attributes: Mapping[str, Any] | None = None, **fields: Any
) -> Instance:
    """One more image of a series; `attributes` by keyword on top of what the series says, "" to leave one out."""
    number = next(_numbers)
    header = Dataset()
    said = {
        "BodyPartExamined": series.body_part_examined,
        "ImageLaterality": series.laterality,
        "ViewPosition": series.view_position,
        "SeriesDescription": series.series_description,
        "StudyDescription": series.study.study_description,
        **(attributes or {}),
    }
    for keyword, value in said.items():
        if value:
            setattr(header, keyword, value)
    return Instance.everything.create(
        **{
            "series": series,
            "sop_instance_uid": f"1.4.{number}",
            "instance_number": number,
            "rows": 2500,
            "columns": 2000,
            "bits_stored": 16,
            "size_bytes": 10_000_000,
            "photometric_interpretation": "MONOCHROME2",
            "pixel_hash": f"{number:064x}",
            "metadata": dicom_json(header),
        }
        | fields
    )


def make_cases(task: Task, cases: int = 1) -> list[Case]:
    """Cases of as many patients, one knee each."""
    before = set(Case.objects.filter(task=task).values_list("pk", flat=True))
    for _ in range(cases):
        make_images(make_patient())
    build_cases(task)
    return list(Case.objects.filter(task=task).exclude(pk__in=before).select_related("patient"))


def make_draft(task: Task, reader: User) -> Annotation:
    """The reader's next draft; there must be a case left for him."""
    draft = claim(task, reader)
    assert draft is not None
    return draft


def grade(value: int) -> Answers:
    return {"kl": {"state": "answered", "value": value}}


def whole(answers: Answers, template: str = "knee-oa-kl") -> Answers:
    """As a submitted read keeps them: what was left out was not asked."""
    return forms.completed(catalogue.load(template), answers)


def make_read(task: Task, reader: User, value: int = 2) -> Annotation:
    """The reader's next case, submitted."""
    draft = make_draft(task, reader)
    submit(draft.pk, reader, Save(draft.version, grade(value)), key=f"key-{next(_numbers)}")
    return Annotation.objects.select_related("case__patient").get(pk=draft.pk)
