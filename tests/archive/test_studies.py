"""The list of studies: what it counts, finds and shows, and to whom; one study."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation.models import CaseSeries
from archive.models import Instance, Series, Study
from tests.factories.accounts import client_of, make_user
from tests.factories.annotation import make_reader, make_task
from tests.factories.archive import make_instance

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    return client_of(make_user("ada", is_staff=True))


def reader_of(*seen: Instance) -> Client:
    """Somebody in one task whose only case shows the series of these."""
    task = make_task()
    case = task.cases.create(patient=seen[0].series.study.patient, key="k", name="n")
    for instance in seen:
        CaseSeries.objects.create(case=case, series=instance.series)
    return client_of(make_reader(task))


def studies(client: Client, **query: str) -> Any:
    response = client.get("/api/studies/", query)
    assert response.status_code == 200
    return response.json()


def facet(answer: Any, name: str) -> dict[str, int]:
    return {entry["value"]: entry["studies"] for entry in answer["facets"][name]}


def test_it_lists_studies_newest_first(staff: Client) -> None:
    of_one: dict[str, Any] = {"PatientID": "A", "StudyInstanceUID": "1.2"}
    first = make_instance(**of_one, SeriesInstanceUID="1.3", StudyDescription="Knees")
    make_instance(**of_one, SeriesInstanceUID="1.4", ImageLaterality="L")
    make_instance(StudyInstanceUID="1.9", StudyDescription="Hand", BodyPartExamined="HAND")

    answer = studies(staff)

    assert answer["counts"] == {"studies": 2, "instances": 3}
    assert answer["next"] is None
    assert [row["study_description"] for row in answer["results"]] == ["Hand", "Knees"]
    assert answer["results"][1] == {
        "study_instance_uid": first.series.study.study_instance_uid,
        "patient": first.series.study.patient.pseudonym,
        "study_date": str(first.series.study.study_date),
        "study_description": "Knees",
        "modality": "DX",
        "body_part_examined": "KNEE",
        "laterality": "B",
        "instances": 2,
        "thumbnail": f"/api/instances/{first.sop_instance_uid}/thumbnail/",
    }


def test_it_shows_the_image_in_the_middle_of_a_stack(staff: Client) -> None:
    of_one: dict[str, Any] = {
        "PatientID": "A",
        "StudyInstanceUID": "1.2",
        "SeriesInstanceUID": "1.3",
    }
    stack = [make_instance(**of_one, InstanceNumber=number) for number in (3, 1, 2)]

    [row] = studies(staff)["results"]

    assert row["thumbnail"] == f"/api/instances/{stack[2].sop_instance_uid}/thumbnail/"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("hand", 1),
        ("KNEE dx", 2),
        ("ne", 0),  # words are found by their beginning
        ("P-", 3),
        ("nothing", 0),
        ("%", 3),  # no word at all
        ("'); &|!:*\\ hand", 1),
        ("膝", 1),
    ],
)
def test_it_searches_by_the_beginnings_of_words(staff: Client, search: str, found: int) -> None:
    make_instance()
    Study.objects.update(study_description="膝关节 正位")
    Series.objects.update(laterality="R")  # describes the study anew
    make_instance()
    make_instance(BodyPartExamined="HAND")

    answer = studies(staff, search=search)

    assert len(answer["results"]) == found
    assert answer["counts"] == {"studies": found, "instances": found}


def test_it_finds_a_patient_with_and_without_the_letter(staff: Client) -> None:
    pseudonym = make_instance().series.study.patient.pseudonym
    make_instance()

    for search in (pseudonym, pseudonym.lower(), pseudonym.removeprefix("P-")):
        assert [row["patient"] for row in studies(staff, search=search)["results"]] == [pseudonym]


def test_it_filters_and_says_what_each_other_filter_would_leave(staff: Client) -> None:
    make_instance()
    make_instance(BodyPartExamined="HAND", ImageLaterality="L")
    make_instance(BodyPartExamined="HAND", Modality="CR", ImageLaterality="B")

    answer = studies(staff, body_part="HAND", laterality="L")

    assert answer["counts"] == {"studies": 2, "instances": 2}
    assert len(answer["results"]) == 2
    assert facet(answer, "modality") == {"CR": 1, "DX": 1}
    assert facet(answer, "body_part") == {"HAND": 2}
    assert facet(answer, "laterality") == {"L": 2, "R": 1, "B": 1}
    assert studies(staff, body_part="HAND", modality="DX")["counts"]["studies"] == 1
    assert facet(studies(staff, search="knee"), "body_part") == {"KNEE": 1}


def test_a_study_of_two_modalities_counts_in_both(staff: Client) -> None:
    of_one: dict[str, Any] = {"PatientID": "A", "StudyInstanceUID": "1.2"}
    make_instance(**of_one, SeriesInstanceUID="1.3")
    make_instance(**of_one, SeriesInstanceUID="1.4", Modality="MR", ImageLaterality=None)

    answer = studies(staff)

    assert facet(answer, "modality") == {"DX": 1, "MR": 1}
    assert answer["results"][0]["modality"] == "DX, MR"
    assert answer["counts"]["studies"] == 1


def test_it_pages_through_studies_while_others_come_in(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.studies.PAGE", 2)
    uids = [make_instance().series.study.study_instance_uid for _ in range(5)]

    seen, cursor = [], ""
    while cursor is not None:
        page = studies(staff, cursor=cursor)
        seen += [row["study_instance_uid"] for row in page["results"]]
        make_instance()
        cursor = page["next"]

    assert seen == uids[::-1]


def test_it_pages_the_same_where_more_match_than_are_sorted(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        make_instance()
    sorted_ = studies(staff, search="knee")

    monkeypatch.setattr("archive.studies.FEW", 2)

    assert studies(staff, search="knee") == sorted_


@pytest.mark.parametrize("number", [1, 3])
def test_it_asks_as_little_for_many_studies_as_for_one(staff: Client, number: int) -> None:
    for _ in range(number):
        make_instance()

    with CaptureQueriesContext(connection) as queries:
        studies(staff)

    assert len(queries) == 6  # session, user, the numbers, the kinds, the page's ids, its rows


def test_what_is_held_is_not_counted_until_it_is_released(staff: Client) -> None:
    of_one: dict[str, Any] = {"PatientID": "A", "StudyInstanceUID": "1.2"}
    shown = make_instance(**of_one, SeriesInstanceUID="1.3")
    held = make_instance(**of_one, SeriesInstanceUID="1.4", Modality="MR", StudyDescription="x")
    Instance.everything.filter(pk=held.pk).update(state="held")

    [row] = studies(staff)["results"]
    assert (row["instances"], row["modality"]) == (1, "DX")
    assert row["thumbnail"] == f"/api/instances/{shown.sop_instance_uid}/thumbnail/"
    assert studies(staff, search="mr")["results"] == []

    Instance.everything.filter(pk=held.pk).update(state="ready")
    assert studies(staff)["counts"]["instances"] == 2

    Instance.everything.all().delete()
    assert studies(staff)["results"] == []
    assert Study.objects.get().kind is None


def test_a_side_that_is_corrected_is_counted_anew(staff: Client) -> None:
    make_instance()

    Series.objects.update(laterality="L")

    assert facet(studies(staff), "laterality") == {"L": 1}


def test_it_shows_a_reader_the_images_of_his_tasks_only() -> None:
    of_one: dict[str, Any] = {"PatientID": "A", "StudyInstanceUID": "1.2"}
    mine = make_instance(**of_one, SeriesInstanceUID="1.3")
    make_instance(**of_one, SeriesInstanceUID="1.4")
    make_instance()
    reader = reader_of(mine)

    answer = studies(reader)

    [row] = answer["results"]
    assert row["study_instance_uid"] == mine.series.study.study_instance_uid
    assert row["instances"] == 1
    assert answer["counts"] == {"studies": 1, "instances": 1}
    assert facet(answer, "modality") == {"DX": 1}
    assert studies(reader, search="nothing")["counts"] == {"studies": 0, "instances": 0}
    assert reader.get(row["thumbnail"]).status_code == 200


def test_it_shows_a_study_with_its_series_in_their_order(staff: Client) -> None:
    of_one: dict[str, Any] = {
        "PatientID": "A",
        "StudyInstanceUID": "1.2",
        "StudyDescription": "Knees",
    }
    second = make_instance(**of_one, SeriesInstanceUID="1.4", ImageLaterality="L")
    first = make_instance(**of_one, SeriesInstanceUID="1.3")
    for number, instance in enumerate([first, second]):
        Series.objects.filter(pk=instance.series_id).update(series_number=number)
    study = first.series.study

    answer = staff.get(f"/api/studies/{study.study_instance_uid}/").json()

    assert answer["patient"] == study.patient.pseudonym
    assert (answer["study_description"], answer["instances"]) == ("Knees", 2)
    assert [series["laterality"] for series in answer["series"]] == ["R", "L"]
    [image] = answer["series"][1]["instances"]
    assert image == {
        "sop_instance_uid": second.sop_instance_uid,
        "instance_number": 1,
        "rows": 12,
        "columns": 10,
        "number_of_frames": 1,
        "transfer_syntax_uid": "1.2.840.10008.1.2.1",
        "thumbnail": f"/api/instances/{second.sop_instance_uid}/thumbnail/",
    }


def test_it_shows_a_reader_no_more_of_a_study_than_his_series() -> None:
    of_one: dict[str, Any] = {"PatientID": "A", "StudyInstanceUID": "1.2"}
    mine = make_instance(**of_one, SeriesInstanceUID="1.3")
    make_instance(**of_one, SeriesInstanceUID="1.4")
    other = make_instance()
    reader = reader_of(mine)

    answer = reader.get(f"/api/studies/{mine.series.study.study_instance_uid}/").json()

    assert [series["series_instance_uid"] for series in answer["series"]] == [
        mine.series.series_instance_uid
    ]
    foreign = reader.get(f"/api/studies/{other.series.study.study_instance_uid}/")
    assert foreign.status_code == 404
    assert foreign.json() == reader.get("/api/studies/1.2.3/").json()


def test_it_opens_a_long_study_in_few_queries(staff: Client) -> None:
    of_one: dict[str, Any] = {
        "PatientID": "A",
        "StudyInstanceUID": "1.2",
        "SeriesInstanceUID": "1.3",
    }
    for _ in range(3):
        uid = make_instance(**of_one).series.study.study_instance_uid

    with CaptureQueriesContext(connection) as queries:
        staff.get(f"/api/studies/{uid}/")

    assert len(queries) == 4  # session, user, the study, its images
