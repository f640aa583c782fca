"""The way back to the person is sealed, opens for staff only, and each look is written down without saying whom."""

import logging
from typing import Any

import pytest

from archive.ingest import ingest_bytes
from archive.models import IdentityLink, Study
from tests.factories.accounts import client_of, make_user
from tests.factories.archive import make_file, make_instance

pytestmark = pytest.mark.django_db
PERSON: dict[str, Any] = {
    "PatientID": "MRN-0193",
    "PatientName": "Muster^Anna",
    "PatientBirthDate": "19570203",
    "AccessionNumber": "ACC-1",
    "StudyInstanceUID": "1.2.3.4",
}


def address(study: Study) -> str:
    return f"/api/studies/{study.study_instance_uid}/identity/"


def test_it_gives_staff_who_it_was(caplog: pytest.LogCaptureFixture) -> None:
    study = make_instance(**PERSON).series.study
    admin = make_user(is_staff=True)

    with caplog.at_level(logging.INFO):
        answer = client_of(admin).get(address(study))

    assert answer.json() == PERSON | {"StudyDate": "20240131"}
    assert answer["Cache-Control"] == "no-store"
    said = caplog.text
    assert study.study_instance_uid in said
    assert admin.username in said
    assert not any(value in said for value in PERSON.values())


def test_it_seals_what_it_keeps() -> None:
    make_instance(**PERSON)

    sealed = bytes(IdentityLink.objects.get().sealed)

    assert not any(value.encode() in sealed for value in PERSON.values())


def test_it_keeps_one_link_a_study_of_its_first_file() -> None:
    make_instance(**PERSON)
    ingest_bytes("again.dcm", make_file(**PERSON | {"AccessionNumber": "ACC-2"}))

    assert Study.objects.count() == IdentityLink.objects.count() == 1
    study = Study.objects.get()
    answer = client_of(make_user(is_staff=True)).get(address(study))
    assert answer.json()["AccessionNumber"] == "ACC-1"


def test_it_opens_for_nobody_else() -> None:
    study = make_instance(**PERSON).series.study

    assert client_of(make_user()).get(address(study)).status_code == 403
    assert client_of().get(address(study)).status_code == 401


def test_it_keeps_none_where_none_is_wanted(settings: Any) -> None:
    settings.KEEP_IDENTITY_LINK = False
    study = make_instance(**PERSON).series.study

    answer = client_of(make_user(is_staff=True)).get(address(study))

    assert IdentityLink.objects.count() == 0
    assert (answer.status_code, answer.json()["code"]) == (404, "no_link")


def test_it_says_so_where_the_key_is_gone(settings: Any) -> None:
    study = make_instance(**PERSON).series.study
    client = client_of(make_user(is_staff=True))
    settings.SECRET_KEY = "another".ljust(50, "x")
    client = client_of(make_user(is_staff=True))

    answer = client.get(address(study))

    assert (answer.status_code, answer.json()["code"]) == (409, "sealed_with_another_key")
