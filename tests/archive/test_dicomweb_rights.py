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


def put_into(task: Task, instance: Instance) -> None:
    case = Case.objects.create(task=task, patient=instance.series.study.patient, key="k", name="n")
    CaseSeries.objects.create(case=case, series=instance.series)


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
