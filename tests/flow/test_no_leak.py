"""Patients, their images and their names come, go and come back; nobody of the locked test is ever learned from.

What is looked at is the manifest that a training reads (training.dataset.load), and beside it who really is who: an
archive cannot tell that `a1` and `A1` are one person, but it can tell that two pictures are the same.
"""

import os
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.roles import Role
from annotation import snapshots, splits
from annotation.cases import build_cases
from annotation.images import all_images
from annotation.models import Case
from archive import holds
from archive.deidentify import patient_key
from archive.ingest import ingest_bytes
from archive.models import Instance, Patient
from tests.factories.annotation import make_reader, make_task
from tests.factories.dicom import make_file
from tests.factories.training import make_model, make_run
from tests.flow import life
from training import dataset
from training.engine.examples import SPLITS

# `OSTEON_FLOW=500x50` tries longer; docs/benchmarks.md says what that found.
RUNS, STEPS = map(int, os.environ.get("OSTEON_FLOW", "15x30").split("x"))
WAYS_TO_WRITE_IT = ["{}", " {} ", "0{}", "{:>3}", "x{}"]  # the first, second and fourth are one ID
SIDES = ["train", "train", "train", "tune", "test", "test"]  # of those who are there from the start
PICTURES = st.integers(0, 9)  # the first six are theirs
ANY = st.integers(0, 50)
SIDE = st.sampled_from(["R", "L"])


class Sent(NamedTuple):
    """A file as it came, and whom it really is of."""

    data: bytes
    person: str


class Coming(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()  # of which nothing stays
        self.world.__enter__()
        self.task = make_task()
        self.reader, self.admin = make_reader(self.task), make_reader(self.task, Role.ADMIN)
        self.sent: list[Sent] = []
        self.sides: dict[str, str] = {}  # of patients, as manifests had them
        self.learned: set[str] = set()  # pixels that a training has read to learn from

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    def send(self, data: bytes, person: str) -> None:
        item = ingest_bytes(f"{len(self.sent)}.dcm", data)
        assert item.outcome in ("taken", "already"), item
        self.sent.append(Sent(data, person))

    @initialize()
    def some_are_there(self) -> None:
        for person, _ in enumerate(SIDES):
            self.an_image_comes(person, "{}", person, "R")
        build_cases(self.task, {patient_key(str(n)): side for n, side in enumerate(SIDES)})
        self.a_day()

    @rule()
    def a_day(self) -> None:
        """What has come is read to the last case, and learned."""
        self.it_builds_cases()
        while life.read(self.task, self.reader, value=2):
            pass
        self.a_training_reads_its_manifest()

    @rule(
        person=st.integers(0, 7), way=st.sampled_from(WAYS_TO_WRITE_IT), picture=PICTURES, side=SIDE
    )
    def an_image_comes(self, person: int, way: str, picture: int, side: str) -> None:
        """Of whomever, perhaps with the picture of another one: under a wrong name, or written otherwise."""
        rng = np.random.default_rng(picture)
        pixels = rng.integers(0, 4000, (12, 10)).astype(np.uint16)
        name = way.format(person)
        self.send(make_file(pixels, PatientID=name, ImageLaterality=side), name.strip())

    @precondition(lambda self: self.sent)
    @rule(number=ANY)
    def one_comes_again(self, number: int) -> None:
        again = self.sent[number % len(self.sent)]
        self.send(again.data, again.person)

    @rule()
    def it_builds_cases(self) -> None:
        build_cases(self.task)

    @rule(person=st.integers(0, 7), side=st.sampled_from(SPLITS))
    def a_table_says_otherwise(self, person: int, side: str) -> None:
        """A published split that comes late, or a second one that differs."""
        build_cases(self.task, {patient_key(str(person)): side})

    @rule(value=st.integers(0, 4))
    def somebody_reads(self, value: int) -> None:
        life.read(self.task, self.reader, value)

    @rule(number=ANY)
    def an_admin_holds_one(self, number: int) -> None:
        if image := self.image(number, ready=True):
            holds.hold(image, self.admin)

    @rule(number=ANY)
    def an_admin_releases_one(self, number: int) -> None:
        if image := self.image(number, ready=False):
            holds.release(image, self.admin)

    @rule(number=ANY)
    def an_admin_throws_one_away(self, number: int) -> None:
        if image := self.image(number, ready=False):
            holds.discard(image, self.admin)

    def image(self, number: int, *, ready: bool) -> Instance | None:
        rows = Instance.everything.filter(series__study__patient__patient_id__in=self.keys())
        wanted = Instance.State.READY
        found = rows.filter(state=wanted) if ready else rows.exclude(state=wanted)
        images = list(found.order_by("pk"))
        return images[number % len(images)] if images else None

    def keys(self) -> list[str]:
        return [patient_key(person) for person in {one.person for one in self.sent}]

    @rule()
    def a_training_reads_its_manifest(self) -> None:
        if not Case.objects.filter(task=self.task, state=Case.State.READ).exists():
            return
        snapshot = snapshots.freeze(self.task)
        by_side = {side: set[str]() for side in SPLITS}
        sides = dict(snapshot.rows.values_list("case", "split"))
        for image in all_images(sides.keys()):
            by_side[sides[image.case]].add(image.pixel_hash)
        try:
            data = dataset.load(snapshot, {"size": 64, "mirror": "L"})
        except dataset.BadDataset:
            assert any(by_side[a] & by_side[b] for a, b in combinations(SPLITS, 2))
        else:
            self.check(data)
            make_model(self.task, run=make_run(self.task, snapshot=snapshot))

    def check(self, data: dataset.Dataset) -> None:
        read: dict[str, set[str]] = {side: set() for side in SPLITS}
        for example, bag in zip(data.examples, data.bags, strict=True):
            assert self.sides.setdefault(example.patient, example.split) == example.split
            read[example.split] |= {picture.pixel_hash for picture in bag}
        for a, b in combinations(SPLITS, 2):
            assert not read[a] & read[b]
        assert not read["test"] & self.learned
        self.learned |= read["train"] | read["tune"]

    @invariant()
    def a_patient_has_one_side_and_keeps_it(self) -> None:
        for patient in Patient.objects.filter(pseudonym__in=self.sides):
            assert splits.split_of(self.task, patient) == self.sides[patient.pseudonym]


@pytest.mark.django_db
def test_nobody_of_the_test_is_learned_from_whatever_comes_and_goes() -> None:
    run_state_machine_as_test(
        Coming,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
