"""A reader gets over DICOMweb the images of his tasks' cases, as long as he is in the task, and no others."""

import pytest
from django.test import Client

from annotation.models import Case, CaseSeries, Membership, Task
from archive.models import Instance
from tests.archive.test_dicomweb import address, series_of
from tests.factories.accounts import client_of
from tests.factories.annotation import make_reader, make_task
from tests.factories.archive import make_instance

pytestmark = pytest.mark.django_db


def put_into(task: Task, instance: Instance, images: list[int] | None = None) -> None:
    case = Case.objects.create(task=task, patient=instance.series.study.patient, key="k", name="n")
    CaseSeries.objects.create(case=case, series=instance.series, images=images)


def statuses(client: Client, instance: Instance) -> set[int]:
    paths = [f"{address(instance)}{end}" for end in ("", "/frames/1", "/metadata", "/rendered")]
    return {client.get(path).status_code for path in [*paths, series_of(instance)]}


def found(client: Client) -> list[str]:
    answer = client.get("/dicomweb/instances")
    return [one["00080018"]["Value"][0] for one in answer.json()] if answer.content else []


def test_a_reader_gets_the_images_of_his_cases_until_he_leaves_the_task() -> None:
    task = make_task()
    reader = make_reader(task)
    client = client_of(reader)
    mine, other = make_instance(), make_instance()
    put_into(task, mine)
    put_into(make_task(), other)

    assert statuses(client, mine) == {200}
    assert statuses(client, other) == {404}
    assert found(client) == [mine.sop_instance_uid]

    Membership.objects.filter(user=reader).delete()

    assert statuses(client, mine) == {404}
    assert found(client) == []


def test_whoever_is_no_longer_staff_sees_no_more_than_his_cases() -> None:
    reader = make_reader(make_task())
    reader.is_staff = True
    reader.save(update_fields=["is_staff"])
    client = client_of(reader)
    instance = make_instance()
    assert statuses(client, instance) == {200}

    reader.is_staff = False
    reader.save(update_fields=["is_staff"])

    assert statuses(client, instance) == {404}


def test_of_a_series_a_reader_gets_the_images_of_his_case_alone() -> None:
    """Both knees came in one series, and his case is of one."""
    same = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4", "PatientID": "ann"}
    mine, other = (make_instance(InstanceNumber=number, **same) for number in (1, 2))
    client = client_of(make_reader(task := make_task()))
    put_into(task, mine, images=[mine.pk])
    study, series = series_of(mine).split("/series/")[0], series_of(mine)

    for place in (study, series):
        told = [one["00080018"]["Value"] for one in client.get(f"{place}/metadata").json()]
        assert told == [[mine.sop_instance_uid]]
        assert client.get(f"{place}/rendered").content == client.get(f"{address(mine)}/rendered").content  # fmt: skip
        assert client.get(f"{place}/thumbnail").content == client.get(f"{address(mine)}/thumbnail").content  # fmt: skip
        whole = client.get(place, headers={"Accept": "multipart/related; type=application/dicom"})
        assert whole.content.count(b"DICM") == 1
        assert other.sop_instance_uid.encode() not in whole.content
        found_there = client.get(f"{place}/instances").json()
        assert [one["00080018"]["Value"] for one in found_there] == [[mine.sop_instance_uid]]
    [one] = client.get(f"{study}/series").json()
    assert one["00201209"]["Value"] == [1]  # NumberOfSeriesRelatedInstances
    [one] = client.get("/dicomweb/studies").json()
    assert one["00201208"]["Value"] == [1]  # NumberOfStudyRelatedInstances
    assert client.get("/dicomweb/instances", {"SOPInstanceUID": other.sop_instance_uid}).status_code == 204  # fmt: skip
    for end in ("", "/metadata", "/frames/1", "/rendered", "/thumbnail", "/bulkdata/7FE00010"):
        assert client.get(f"{address(other)}{end}").status_code == 404
        assert client.get(f"{address(mine)}{end}").status_code == 200
