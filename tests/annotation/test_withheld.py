"""A case of which every image is held back leaves the queue, and comes back with what was answered."""

from collections.abc import Callable
from itertools import combinations_with_replacement, product

import pytest

from accounts.models import User
from annotation import hung, reading, reads
from annotation.cases import build_cases
from annotation.images import all_images, has_image
from annotation.models import Annotation, Case, CaseSeries, Task
from annotation.reading import Save
from annotation.worklist import claim
from archive import holds
from archive.models import Instance
from inference import keep_current
from tests.factories.annotation import (
    grade,
    make_cases,
    make_draft,
    make_images,
    make_patient,
    make_reader,
    make_task,
)
from tests.factories.training import make_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> Task:
    return make_task()


@pytest.fixture
def reader(task: Task) -> User:
    return make_reader(task)


def image_of(draft: Annotation) -> Instance:
    return Instance.everything.get(series__cases=draft.case)


def test_a_case_without_an_image_to_show_is_not_offered(task: Task, reader: User) -> None:
    [case] = make_cases(task)
    [image] = Instance.objects.filter(series__cases=case)
    holds.hold(image, make_reader(task))
    assert claim(task, reader) is None

    holds.release(Instance.everything.get(pk=image.pk), make_reader(task))
    assert make_draft(task, reader).case == case


def test_a_draft_waits_with_its_answers_until_the_image_is_back(task: Task, reader: User) -> None:
    held, other = make_cases(task, 2)
    draft = make_draft(task, reader)
    assert draft.case == held
    reading.save_draft(draft.pk, reader, Save(0, grade(3)), "a")
    image = image_of(draft)
    holds.hold(image, make_reader(task))

    assert make_draft(task, reader).case == other
    assert reads.left_open(task, reader) == [draft]
    saved = reading.save_draft(draft.pk, reader, Save(1, grade(2)), "b")
    assert saved["version"] == 2  # the page that has it open loses nothing

    holds.release(Instance.everything.get(pk=image.pk), make_reader(task))
    again = make_draft(task, reader)
    assert (again.pk, again.answers) == (draft.pk, grade(2))
    assert reads.left_open(task, reader) == []


def test_a_case_with_another_image_stays_in_the_queue(task: Task, reader: User) -> None:
    study = make_images(make_patient(), images=2)
    build_cases(task)
    held, _ = Instance.objects.filter(series__study=study)
    holds.hold(held, reader)
    assert make_draft(task, reader).case.task == task


def test_whoever_asks_is_told_the_same_of_what_there_is_to_show(task: Task, reader: User) -> None:
    """Each way in which the images of a series may stand and may be named, and each two of them in one case."""
    lists: tuple[Callable[[int], list[int] | None], ...] = (
        lambda _: None,
        lambda image: [image],
        lambda image: [image + 1],  # another's
        lambda _: [],
    )
    kinds = [None, *product(Instance.State, lists)]
    for number, some in enumerate(combinations_with_replacement(kinds, 2)):
        case = Case.objects.create(task=task, patient=make_patient(), key=str(number), name="P")
        for state, named in filter(None, some):
            series = make_images(case.patient, state=state).series.get()
            image = Instance.everything.get(series=series).pk
            CaseSeries.objects.create(case=case, series=series, images=named(image))

    shown = set(Case.objects.filter(has_image()).values_list("pk", flat=True))
    assert shown == {image.case for image in all_images(Case.objects.all())}
    assert shown == hung.images_of(Case.objects.values_list("pk", flat=True)).keys()
    taken: list[Annotation] = []
    while draft := claim(task, reader, [one.pk for one in taken]):
        taken.append(draft)
    assert shown == {draft.case_id for draft in taken}
    assert 0 < len(shown) < Case.objects.count()


def test_the_model_waits_for_the_image_too(task: Task, reader: User) -> None:
    model = make_model(task, "current")
    [case] = make_cases(task)
    [image] = Instance.objects.filter(series__cases=case)
    holds.hold(image, reader)
    assert list(keep_current.lacking(model)) == []

    holds.release(Instance.everything.get(pk=image.pk), reader)
    assert list(keep_current.lacking(model)) == [case]
