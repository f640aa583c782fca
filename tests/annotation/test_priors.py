"""Earlier images beside a case: which, how old, for whose eyes, and that they stay out of the case."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.roles import Role
from annotation import priors, tasks
from annotation.cases import build_cases
from annotation.images import of_cases
from annotation.models import Annotation, Case, Membership, Prior, Task
from annotation.snapshots import freeze
from archive.models import Instance, Patient, Study
from tests.annotation.test_worklist import end_lease
from tests.archive.test_dicomweb import series_of
from tests.archive.test_dicomweb_rights import found, statuses
from tests.factories.accounts import client_of, make_user
from tests.factories.annotation import make_draft, make_images, make_patient, make_reader, make_task
from tests.factories.archive import make_instance
from tests.factories.regions import make_item
from tests.inference.test_next import ask

pytestmark = pytest.mark.django_db

TODAY, LAST_YEAR, LONG_AGO = date(2020, 5, 1), date(2019, 5, 2), date(2016, 2, 29)


def on(day: date | None, patient: Patient, time: str = "", **images: Any) -> Study:
    """A study of that day with images as make_images makes them."""
    study = make_images(patient, **images)
    study.study_date, study.study_time = day, time
    study.save()
    return study


def next_case(task: Task, reader: User) -> Any:
    """What `next` says of the case of TODAY: the earlier studies are cases of their own, read by nobody here."""
    Case.objects.exclude(series__study__study_date=TODAY).delete()
    return ask(client_of(reader), task).json()["case"]


def studies_of(case: Any) -> list[str]:
    return [prior["images"][0]["study_instance_uid"] for prior in case["priors"]]


def test_the_newest_earlier_study_hangs_beside_a_case_and_says_how_old_it_is() -> None:
    task, patient = make_task(), make_patient()
    reader = make_reader(task)
    on(LONG_AGO, patient)
    last = on(LAST_YEAR, patient, images=2)
    own = on(TODAY, patient)
    build_cases(task)

    case = next_case(task, reader)

    [prior] = case["priors"]
    assert (prior["study_date"], prior["days_before"]) == ("2019-05-02", 365)
    assert [image["study_instance_uid"] for image in prior["images"]] == [
        last.study_instance_uid
    ] * 2
    assert [image["study_instance_uid"] for image in case["images"]] == [own.study_instance_uid]


@pytest.mark.parametrize(
    "other",
    [
        {"laterality": "L"},
        {"laterality": ""},
        {"body_part": "HAND"},
        {"modality": "MR"},
        {"state": Instance.State.HELD},
        {"day": TODAY},
        {"day": date(2021, 1, 1)},
        {"day": None},
        {"patient": "another"},
    ],
    ids=str,
)
def test_what_cannot_be_compared_or_seen_is_no_prior(other: dict[str, Any]) -> None:
    task, patient = make_task(), make_patient()
    reader = make_reader(task)
    own = on(TODAY, patient, time="120000")
    build_cases(task)
    of = make_patient() if other.pop("patient", "") else patient
    on(other.pop("day", LAST_YEAR), of, **other)

    case = next_case(task, reader)

    assert case["images"][0]["study_instance_uid"] == own.study_instance_uid
    assert case["priors"] == []


def test_a_film_from_another_detector_and_one_of_the_same_morning_are_priors() -> None:
    task, patient = make_task(), make_patient()
    reader = make_reader(task)
    on(TODAY, patient, time="120000", modality="DX")
    build_cases(task)
    morning = on(TODAY, patient, time="081500", modality="CR")

    case = next_case(task, reader)

    assert studies_of(case) == [morning.study_instance_uid]
    assert case["priors"][0]["days_before"] == 0


def test_a_form_that_asks_for_none_gets_none() -> None:
    task, patient = make_task("knee-tears-mr"), make_patient()
    reader = make_reader(task)
    on(LAST_YEAR, patient, modality="MR")
    on(TODAY, patient, modality="MR")
    build_cases(task)

    assert next_case(task, reader)["priors"] == []
    assert not Prior.objects.exists()


def test_a_patient_with_one_study_is_asked_for_no_priors(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    task, patient = make_task(), make_patient()
    on(TODAY, patient)
    build_cases(task)
    reader = make_reader(task)
    alone = make_draft(task, reader)
    on(date(2021, 1, 1), patient)
    later = make_draft(task, reader)

    with django_assert_num_queries(0):
        assert priors.looked_up(alone) == []
    with django_assert_num_queries(1):
        assert priors.looked_up(later) == []


def test_a_read_keeps_the_priors_with_which_it_was_read() -> None:
    task, patient = make_task(), make_patient()
    reader = make_reader(task)
    client = client_of(reader)
    old = on(LONG_AGO, patient)
    on(TODAY, patient)
    build_cases(task)
    next_case(task, reader)
    draft = Annotation.objects.get(reader=reader)
    submit(client, draft)
    on(LAST_YEAR, patient)

    again = client.get(f"/api/annotations/{draft.pk}/").json()["case"]

    assert studies_of(again) == [old.study_instance_uid]


def submit(client: Client, draft: Annotation, answers: Any = None) -> Any:
    body = {
        "version": draft.version,
        "answers": answers or {"kl": {"state": "answered", "value": 1}},
    }
    return client.post(
        f"/api/annotations/{draft.pk}/submit/",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": "one"},
    )


def two_visits() -> tuple[Task, Instance, Instance]:
    """A task whose one case is the later of two studies that came by the front door."""
    old = make_instance(PatientID="P", StudyDate="20190502", SeriesDescription="Knee")
    new = make_instance(PatientID="P", StudyDate="20200501", SeriesDescription="Knee")
    task = make_task()
    build_cases(task)
    Case.objects.filter(series=old.series).delete()
    return task, old, new


def test_only_who_holds_or_has_read_the_case_gets_its_priors() -> None:
    task, old, new = two_visits()
    reader, colleague, stranger = make_reader(task), make_reader(task), make_user()
    admin = make_reader(task, Role.ADMIN)
    client = client_of(reader)
    assert statuses(client, old) == {404}

    ask(client, task)

    assert statuses(client, old) == {200}
    for other in (colleague, admin, stranger):
        assert statuses(client_of(other), old) == {404}
    # served through the case, not found by looking round
    assert found(client) == [new.sop_instance_uid]
    assert client.get(f"/api/instances/{old.sop_instance_uid}/thumbnail/").status_code == 404

    draft = Annotation.objects.get()
    submit(client, draft)
    assert statuses(client, old) == {200}

    Instance.everything.filter(pk=old.pk).update(state=Instance.State.HELD)
    assert statuses(client, old) == {404}
    assert client.get(f"/api/annotations/{draft.pk}/").json()["case"]["priors"] == []
    Instance.everything.filter(pk=old.pk).update(state=Instance.State.READY)

    Membership.objects.filter(user=reader).delete()
    assert statuses(client, old) == {404}


def test_who_gave_the_case_away_gets_its_priors_no_more() -> None:
    task, old, _ = two_visits()
    reader = make_reader(task)
    client = client_of(reader)
    ask(client, task)
    draft = Annotation.objects.get()

    client.post(
        f"/api/annotations/{draft.pk}/skip/", {"reason": "x"}, content_type="application/json"
    )

    assert (statuses(client, old), priors_told(client, draft)) == ({404}, [])


def test_who_lost_the_case_to_another_gets_its_priors_no_more() -> None:
    task, old, _ = two_visits()
    reader, colleague = make_reader(task), make_reader(task)
    client, other = client_of(reader), client_of(colleague)
    ask(client, task)
    draft = Annotation.objects.get()
    end_lease(draft.case)
    assert (statuses(client, old), priors_told(client, draft)) == ({200}, [old.sop_instance_uid])

    ask(other, task)
    assert (statuses(client, old), priors_told(client, draft)) == ({404}, [])
    submit(other, Annotation.objects.get(reader=colleague))
    assert (statuses(client, old), priors_told(client, draft)) == ({404}, [])

    submit(client, draft)
    assert (statuses(client, old), priors_told(client, draft)) == ({200}, [old.sop_instance_uid])


def priors_told(client: Client, draft: Annotation) -> list[str]:
    case = client.get(f"/api/annotations/{draft.pk}/").json()["case"]
    return [image["sop_instance_uid"] for prior in case["priors"] for image in prior["images"]]


def test_of_an_earlier_study_only_what_hangs_is_served() -> None:
    task, old, _ = two_visits()
    study = old.series.study.study_instance_uid
    beside = make_instance(PatientID="P", StudyDate="20190502", ImageLaterality="L")
    Instance.objects.filter(pk=beside.pk).update(series=old.series)
    reader = make_reader(task)
    client = client_of(reader)
    ask(client, task)

    answer = client.get(f"/dicomweb/studies/{study}/metadata").json()

    assert [one["00080018"]["Value"] for one in answer] == [[old.sop_instance_uid]]
    beside.refresh_from_db()
    assert client.get(f"{series_of(old)}/instances/{beside.sop_instance_uid}").status_code == 404


def test_nothing_can_be_marked_on_a_prior() -> None:
    old = make_instance(PatientID="P", StudyDate="20190502")
    make_instance(PatientID="P", StudyDate="20200501")
    task = tasks.create_task("fracture-radiograph", "Fractures")
    build_cases(task)
    Case.objects.filter(series=old.series).delete()
    reader = make_reader(task)
    client = client_of(reader)
    case = ask(client, task).json()["case"]
    assert case["priors"][0]["images"][0]["sop_instance_uid"] == old.sop_instance_uid

    def drawn_on(image: str) -> Any:
        answers = {
            "fracture": {"state": "answered", "value": "present"},
            "fractures": {
                "state": "answered",
                "value": [make_item("boxes", image=image, box=[1, 1, 5, 5])],
            },
        }
        return submit(client, Annotation.objects.get(), answers)

    refused = drawn_on(old.sop_instance_uid)
    assert refused.status_code == 400
    assert "does not belong to this case" in refused.json()["slots"]["fractures"]
    assert drawn_on(case["images"][0]["sop_instance_uid"]).status_code == 200


def test_a_case_is_the_same_with_and_without_priors() -> None:
    task, old, new = two_visits()
    case = Case.objects.get()
    key = case.key
    reader = make_reader(task)
    client = client_of(reader)
    ask(client, task)
    assert Prior.objects.get().images == [old.pk]

    submit(client, Annotation.objects.get())
    with_prior = freeze(task).hash
    assert list(of_cases([case.pk])) == [new]
    case.refresh_from_db()
    assert case.key == key
    Prior.objects.all().delete()

    assert freeze(task).hash == with_prior
