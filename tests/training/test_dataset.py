"""From a frozen snapshot to examples with pictures, and what is refused on the way."""

import pytest

from annotation.cases import build_cases
from annotation.models import Annotation, Case, CaseSeries, Snapshot, Task
from annotation.snapshots import freeze
from archive.models import Instance
from tests.factories.annotation import make_images, make_patient, make_reader, make_task
from tests.factories.knees import add_knees, make_knee_task, read_knees
from training import dataset
from training.pictures import pictures

pytestmark = pytest.mark.django_db
TRAINING = {"size": 64, "mirror": "L"}


def make_read_task(**sides: int) -> tuple[Task, dict[int, int]]:
    task, truth = make_knee_task(sides)
    read_knees(task, make_reader(task), truth)
    return task, truth


def add_twins(task: Task, *splits: str) -> list[int]:
    """Read cases of different patients, all with one and the same picture."""
    truth: dict[int, int] = {}
    for split in splits:
        truth |= add_knees(task, {split: 1}, same_picture=True)
    read_knees(task, make_reader(task), truth)
    return sorted(truth)


def load(snapshot: Snapshot) -> dataset.Dataset:
    return dataset.load(snapshot, TRAINING)


def test_it_gives_each_case_with_its_answer_side_and_picture() -> None:
    task, truth = make_read_task(train=3, tune=1, test=2)

    data = load(freeze(task))

    pairs = zip(data.examples, data.pictures, strict=True)
    assert {picture.case: example.answers["kl"]["value"] for example, picture in pairs} == truth
    assert [example.key for example in data.examples] == [one.key for one in data.pictures]
    assert sorted(example.split for example in data.examples) == [
        *["test"] * 2,
        *["train"] * 3,
        "tune",
    ]


def test_parts_of_it_keep_examples_and_pictures_together() -> None:
    task, _ = make_read_task(train=3, tune=1, test=2)
    data = load(freeze(task))
    damaged = data.of("train").pictures[0]

    taught, read = data.of("train", "tune"), data.without({damaged.key: "torn"})

    assert {example.split for example in taught.examples} == {"train", "tune"}
    assert len(taught.examples) == 4
    assert damaged not in read.pictures
    assert len(read.examples) == 5
    for part in (taught, read):
        assert [example.key for example in part.examples] == [one.key for one in part.pictures]


def test_a_left_knee_is_read_mirrored_and_kept_apart_from_a_right_one() -> None:
    task, truth = make_read_task(train=2)
    Case.objects.filter(pk=min(truth)).update(laterality="L")

    data = load(freeze(task))

    assert {picture.case: picture.mirror for picture in data.pictures} == {
        min(truth): True,
        max(truth): False,
    }
    assert len({picture.key for picture in data.pictures}) == 2


def test_the_side_that_a_reader_settled_decides_over_the_tag() -> None:
    task, truth = make_read_task(train=3)
    as_tagged, wrong, unclear = sorted(truth)
    before = load(freeze(task))
    for case, tag, settled in ((wrong, "R", "L"), (unclear, "", "L")):
        Case.objects.filter(pk=case).update(laterality=tag)
        Annotation.objects.filter(case=case).update(side=settled, version=2)

    after = load(freeze(task))

    mirrored = {picture.case: picture.mirror for picture in after.pictures}
    assert mirrored == {as_tagged: False, wrong: True, unclear: True}
    # no cache may give the old picture for the new side
    keys = [{picture.case: picture.key for picture in data.pictures} for data in (before, after)]
    assert [case for case in truth if keys[0][case] != keys[1][case]] == [wrong, unclear]


def test_a_tag_that_changes_later_moves_nothing_in_a_frozen_snapshot() -> None:
    task, truth = make_read_task(train=1)
    snapshot = freeze(task)
    Case.objects.filter(pk__in=truth).update(laterality="L")
    [picture] = load(snapshot).pictures
    assert picture.mirror is False


@pytest.mark.parametrize(
    ("cosines", "mirrored"),
    [
        ([0, 1, 0, 0, 0, -1], False),  # from front to back and from the head down
        ([1, 0, 0, 0, 0, -1], True),
        ([1, 0, 0, 0, 1, 0], True),
        (None, True),
    ],
)
def test_sagittal_slices_of_a_left_knee_show_it_as_those_of_a_right_one_do(
    cosines: list[float] | None, mirrored: bool
) -> None:
    task = make_task("knee-tears-mr")
    told = {"ImageOrientationPatient": cosines}
    make_images(make_patient(), "L", images=2, modality="MR", attributes=told)
    build_cases(task)
    training = {"size": 64, "mirror": "L", "images": "all"}

    [bag] = pictures(task.cases.values_list("pk", flat=True), training).values()

    assert [picture.mirror for picture in bag] == [mirrored] * 2
    assert [picture.place.sagittal for picture in bag] == [not mirrored] * 2


def test_a_reference_whose_images_were_held_when_it_was_frozen_teaches_nothing() -> None:
    task, truth = make_read_task(train=2)
    held = Instance.objects.filter(series__cases=min(truth))
    held.update(state="held")

    assert [picture.case for picture in load(freeze(task)).pictures] == [max(truth)]


def test_a_case_without_an_image_is_refused_by_name() -> None:
    task, truth = make_read_task(train=2)
    snapshot = freeze(task)
    case = Case.objects.get(pk=min(truth))
    CaseSeries.objects.filter(case=case).delete()

    with pytest.raises(dataset.BadDataset, match=f"Case {case.name} has no image"):
        load(snapshot)


def test_the_same_pixels_twice_on_one_side_teach_once() -> None:
    task, _ = make_read_task(train=2)
    add_twins(task, "train", "train")

    assert len(load(freeze(task)).examples) == 3


@pytest.mark.parametrize("laterality", ["R", "L"])
def test_the_same_pixels_on_two_sides_are_refused_even_mirrored(laterality: str) -> None:
    task, _ = make_read_task(train=2)
    first, _ = add_twins(task, "train", "test")
    Case.objects.filter(pk=first).update(laterality=laterality)

    with pytest.raises(dataset.BadDataset, match="figures on the test would mean nothing"):
        load(freeze(task))


def test_the_same_pixels_with_other_answers_are_counted_and_told() -> None:
    task, _ = make_read_task(train=2)
    first, second = add_twins(task, "train", "train")
    other = {"kl": {"state": "answered", "value": 4}}
    Annotation.objects.filter(case=second).update(answers=other, version=2)

    data = load(freeze(task))

    missing = dataset.missing(data, {})
    assert missing.told() == {
        "unread": {"train": 0, "tune": 0, "test": 0},
        "differing": 1,
        "learned_before": 0,
    }
    [sentence] = missing.sentences()
    assert "other answers: 1" in sentence
    assert first in {picture.case for picture in data.pictures}
    assert second not in {picture.case for picture in data.pictures}


def test_cases_that_cannot_be_read_are_counted_by_split() -> None:
    task, _ = make_read_task(train=2, test=3)
    data = load(freeze(task))
    torn = [data.of(split).pictures[0] for split in ("train", "test")]

    missing = dataset.missing(data, {one.key: "torn" for one in torn})

    assert missing.unread == {"train": 1, "tune": 0, "test": 1}
    assert missing.planes == {(one.pixel_hash, 0) for one in torn}
    [sentence] = missing.sentences()
    assert "2, 1 of them of the locked test" in sentence


def test_each_model_reads_the_same_cases_as_it_learned_to() -> None:
    task, truth = make_read_task(train=2, test=2)
    Case.objects.filter(pk=min(truth)).update(laterality="L")
    data = load(freeze(task))

    other = data.read_as({"size": 32})

    assert [one.key for one in other.examples] == [one.key for one in data.examples]
    assert [picture.case for picture in other.pictures] == [one.case for one in data.pictures]
    assert {(picture.size, picture.mirror) for picture in other.pictures} == {(32, False)}
    assert data.read_as(TRAINING) == data


def test_an_unreadable_image_that_only_the_other_model_reads_is_told() -> None:
    task, _ = make_read_task(test=1)
    data = load(freeze(task))
    [picture] = data.pictures

    with pytest.raises(dataset.BadDataset, match="cannot be compared"):
        data.read_as({"size": 32}, {(picture.pixel_hash, 0)})
