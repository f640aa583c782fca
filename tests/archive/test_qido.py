"""What a search finds, by the rules of PS3.4 C.2.2.2, and how it says no."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archive.models import Instance, Series, Study
from tests.factories.accounts import client_of, make_user
from tests.factories.archive import make_instance

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    return client_of(make_user(is_staff=True))


def values(found: list[dict[str, Any]], tag: str) -> list[Any]:
    return [one[tag]["Value"][0] for one in found]


def search(client: Client, what: str, **keys: str) -> list[dict[str, Any]]:
    response = client.get(f"/dicomweb/{what}", keys)
    assert response.status_code in (200, 204), response.content
    found: list[dict[str, Any]] = response.json() if response.status_code == 200 else []
    return found


def numbers(client: Client, **keys: str) -> list[int]:
    """The numbers of the instances found, in order."""
    return sorted(values(search(client, "instances", **keys), "00200013"))


@pytest.fixture
def three() -> list[Instance]:
    """Of three patients, numbered 1 to 3."""
    made = [
        make_instance(InstanceNumber=1, Modality="MR", SeriesNumber=7, SeriesDescription="PD 50% fat_sat"),
        make_instance(InstanceNumber=2, Modality="DX", SeriesNumber=8, SeriesDescription="pd"),
        make_instance(InstanceNumber=3, Modality="CR", StudyDescription="Knie"),
    ]  # fmt: skip
    for number, instance in enumerate(made, start=1):  # de-identification moves dates
        Study.objects.filter(pk=instance.series.study_id).update(
            study_date=f"2024-0{number}-15", study_time=f"0{number}3000.250"
        )
    Series.objects.filter(pk__in=[made[0].series_id, made[1].series_id]).update(series_number=7)
    Series.objects.filter(pk=made[2].series_id).update(series_number=None)
    return made


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"Modality": "MR"}, [1]),
        ({"00080060": "MR"}, [1]),
        ({"Modality": "mr"}, []),
        ({"Modality": "?R"}, [1, 3]),
        ({"Modality": "*"}, [1, 2, 3]),
        ({"Modality": ""}, [1, 2, 3]),
        ({"ModalitiesInStudy": "MR,CR"}, [1, 3]),
        ({"ModalitiesInStudy": "CR\\DX"}, [2, 3]),
        ({"SeriesDescription": "PD 50% fat_sat"}, [1]),
        ({"SeriesDescription": "PD*"}, [1]),
        ({"SeriesDescription": "*%*"}, [1]),
        ({"SeriesDescription": "*fat?sat"}, [1]),
        ({"SeriesDescription": "*5_%*"}, []),
        ({"StudyDescription": "K*e"}, [3]),
        ({"StudyDate": "20240215"}, [2]),
        ({"StudyDate": "20240101-20240215"}, [1, 2]),
        ({"StudyDate": "20240215-"}, [2, 3]),
        ({"StudyDate": "-20240215"}, [1, 2]),
        ({"StudyTime": "01"}, [1]),
        ({"StudyTime": "0130-0230"}, [1, 2]),
        ({"StudyTime": "013000.250"}, [1]),
        ({"StudyTime": "023001-"}, [3]),
        ({"InstanceNumber": "2"}, [2]),
        ({"SeriesNumber": "7"}, [1, 2]),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.1,1.2.3"}, [1, 2, 3]),
        ({"SOPClassUID": "1.2.3"}, []),
        ({"AccessionNumber": "A1"}, []),
        ({"RequestAttributesSequence.RequestedProcedureID": "R"}, []),
        ({"00400275.00401001": "R"}, []),
        ({"PerformedProcedureStepStartDate": "20200101-"}, []),
        ({"Modality": "MR", "StudyDate": "20240215"}, []),
    ],
    ids=str,
)  # fmt: skip
def test_it_matches_by_the_rules(
    staff: Client, three: list[Instance], keys: dict[str, str], expected: list[int]
) -> None:
    assert numbers(staff, **keys) == expected


def test_it_finds_patients_by_key_and_by_pseudonym_whatever_its_case(
    staff: Client, three: list[Instance]
) -> None:
    patient = three[1].series.study.patient

    assert numbers(staff, PatientID=patient.patient_id) == [2]
    assert numbers(staff, PatientName=patient.pseudonym.lower()) == [2]
    assert numbers(staff, PatientName="P-*") == [1, 2, 3]
    assert numbers(staff, PatientName="_-*") == []


def test_it_finds_by_what_only_the_file_says(staff: Client, three: list[Instance]) -> None:
    said = {"00080050": {"vr": "SH", "Value": ["A1"]}, "00400244": {"vr": "DA", "Value": ["20240110"]},
            "00400275": {"vr": "SQ", "Value": [{"00401001": {"vr": "SH", "Value": ["R-7"]}}]},
            "00080090": {"vr": "PN", "Value": [{"Alphabetic": "Ray^X"}]}}  # fmt: skip
    Instance.objects.filter(pk=three[0].pk).update(metadata=three[0].metadata | said)

    assert numbers(staff, AccessionNumber="A1") == [1]
    assert numbers(staff, AccessionNumber="A*") == [1]
    assert numbers(staff, PerformedProcedureStepStartDate="20240101-20240131") == [1]
    assert numbers(staff, PerformedProcedureStepStartDate="-20240109") == []
    assert numbers(staff, **{"RequestAttributesSequence.RequestedProcedureID": "R*"}) == [1]
    assert numbers(staff, ReferringPhysicianName="ray^*") == [1]
    assert len(search(staff, "studies", AccessionNumber="A1")) == 1


def test_a_study_is_found_by_any_of_its_modalities_and_shown_with_all(staff: Client) -> None:
    same: dict[str, Any] = {"StudyInstanceUID": "1.2.3", "PatientID": "ann"}
    make_instance(SeriesInstanceUID="1.2.4", Modality="CR", **same)
    make_instance(SeriesInstanceUID="1.2.5", Modality="MR", **same)
    make_instance(Modality="US")

    [study] = search(staff, "studies", ModalitiesInStudy="MR")
    series = search(staff, "series", ModalitiesInStudy="CR", Modality="MR")

    assert sorted(study["00080061"]["Value"]) == ["CR", "MR"]
    assert values([study], "00201206") == values([study], "00201208") == [2]
    assert values(series, "00080060") == ["MR"]


def test_it_answers_the_attributes_of_each_level(staff: Client) -> None:
    instance = make_instance(StudyDescription="Knee", SeriesDescription="PA")
    study = instance.series.study.study_instance_uid
    series = instance.series.series_instance_uid

    [of_study] = search(staff, "studies")
    [of_series] = search(staff, f"studies/{study}/series")
    [of_instance] = search(staff, f"studies/{study}/series/{series}/instances")
    [of_all] = search(staff, "instances")

    assert {"00080020", "00080061", "00100010", "00100020", "0020000D", "00201208"} <= set(of_study)
    assert {"00080060", "0008103E", "0020000E", "00200011", "00201209"} <= set(of_series)
    assert {"00080016", "00080018", "00200013", "00280010", "00280100"} <= set(of_instance)
    assert set(of_study) | set(of_series) | set(of_instance) <= set(of_all)
    assert "00100020" not in of_series
    assert "00080060" not in of_instance
    address = f"http://testserver/dicomweb/studies/{study}/series/{series}/instances/{instance.sop_instance_uid}"
    assert values([of_instance], "00081190") == [address]
    assert values([of_study], "00080056") == ["ONLINE"]
    for found in (of_study, of_series, of_instance, of_all):
        assert list(found) == sorted(found)


def test_it_gives_more_fields_where_they_belong(staff: Client) -> None:
    make_instance(PatientPosition="FFS", StudyDescription="Knee")

    [study] = search(staff, "studies", includefield="PatientPosition,00181030,StudyDescription")
    [series] = search(staff, "series", includefield="00185100")
    [instance] = search(staff, "instances", includefield="all")

    assert "00185100" not in study  # of the series
    assert values([study], "00081030") == ["Knee"]
    assert values([series], "00185100") == ["FFS"]
    assert {"00280004", "00185100", "00081030"} <= set(instance)


def test_it_gives_pages_that_fit_together(staff: Client) -> None:
    made = {make_instance().series.study.study_instance_uid for _ in range(5)}

    first = staff.get("/dicomweb/studies", {"limit": "2"})
    rest = staff.get("/dicomweb/studies", {"limit": "3", "offset": "2"})
    beyond = staff.get("/dicomweb/studies", {"offset": "5"})

    assert first["Warning"] == '299 osteon "There are additional results that can be requested"'
    assert "Warning" not in rest
    assert set(values(first.json() + rest.json(), "0020000D")) == made
    assert (beyond.status_code, beyond.content) == (204, b"")


@pytest.mark.parametrize("wish", ["fuzzymatching", "emptyvaluematching", "multiplevaluematching"])
def test_it_says_that_it_matches_literally(staff: Client, wish: str) -> None:
    make_instance()

    assert wish in staff.get("/dicomweb/studies", {wish: "true"})["Warning"]
    assert "Warning" not in staff.get("/dicomweb/studies", {wish: "false"})


@pytest.mark.parametrize(
    ("what", "query", "status"),
    [
        ("studies", "Modality=MR", 400),
        ("studies", "PatientWeight=70", 400),
        ("studies", "nonsense=1", 400),
        ("studies", "StudyDate=2024-01-31", 400),
        ("studies", "StudyDate=20240231", 400),
        ("studies", "StudyDate=-", 400),
        ("studies", "StudyDate=2024*", 400),
        ("studies", "StudyTime=25h", 400),
        ("studies", "StudyInstanceUID=1.2.*", 400),
        ("series", "SeriesNumber=one", 400),
        ("studies", "limit=-1", 400),
        ("studies", "offset=x", 400),
        ("studies", "fuzzymatching=maybe", 400),
        ("studies", "includefield=Nonsense", 400),
        ("series", "RequestedProcedureID=1", 400),
        ("series", "RequestAttributesSequence=1", 400),
    ],
)
def test_it_refuses_what_it_cannot_answer(
    staff: Client, what: str, query: str, status: int
) -> None:
    response = staff.get(f"/dicomweb/{what}?{query}")

    assert response.status_code == status
    assert response.json()["detail"].endswith(".")


def test_it_answers_json_only(staff: Client) -> None:
    make_instance()

    for accept, status in (("application/dicom+xml", 406), ("application/json", 200), ("*/*", 200)):
        assert staff.get("/dicomweb/studies", headers={"Accept": accept}).status_code == status


def test_it_hides_what_is_held_and_what_is_of_others(staff: Client) -> None:
    shown, held = make_instance(InstanceNumber=1), make_instance(InstanceNumber=2)
    Instance.objects.filter(pk=held.pk).update(state=Instance.State.CHECKING)
    reader = client_of(make_user())
    uid = shown.series.study.study_instance_uid

    for what in ("studies", "series", "instances"):
        assert len(search(staff, what)) == 1
        assert search(reader, what) == search(reader, f"studies/{uid}/series") == []
    assert search(staff, "studies", ModalitiesInStudy="*")[0]["00201208"]["Value"] == [1]


def test_it_asks_few_questions_however_much_it_finds(staff: Client) -> None:
    for _ in range(6):
        make_instance()

    for what, most in (("studies", 6), ("series", 7), ("instances", 6)):
        with CaptureQueriesContext(connection) as queries:
            assert len(search(staff, what)) == 6
        assert len(queries) <= most  # two of them say who asks
