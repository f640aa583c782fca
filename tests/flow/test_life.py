"""The life of a task's versions: whatever happens to them, in whatever order, what the platform promises of them holds."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import IntegrityError, transaction
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

from inference.models import Prediction
from tests.flow import life
from training import promotion, runs, weights
from training.models import ModelEvent, ModelVersion, TrainingRun

State, What = ModelVersion.State, ModelEvent.What
ANY = st.integers(0, 50)  # of what there is, the one of this number
OUTCOME = st.sampled_from(life.OUTCOMES)
SPEED = st.sampled_from(["fast", "full"])
USABLE = (State.CANDIDATE, State.RETIRED, State.CURRENT)


class Life(RuleBasedStateMachine):
    """One task. Beside it stands what its versions should be, by the rules in docs/models.md alone."""

    def __init__(self) -> None:
        super().__init__()
        self.task, self.admin, self.reader = life.make_life()
        self.run: TrainingRun | None = None  # that is under way
        self.worker: life.Worker | None = None  # that has it
        self.sleeping: list[life.Worker] = []  # killed, or so it seems
        self.states: dict[int, str] = {}  # of each version
        self.line: list[int] = []  # of those that were current, one after the other
        self.uses = 0
        self.history: list[int] = []
        self.kept = life.kept(self.task)

    @property
    def current(self) -> int | None:
        return next((pk for pk, state in self.states.items() if state == State.CURRENT), None)

    @property
    def previous(self) -> int | None:
        """The version before the current one."""
        return next((pk for pk in reversed(self.line) if pk != self.current), None)

    def became_current(self, model: int) -> None:
        if self.current is not None:
            self.states[self.current] = State.RETIRED
        self.states[model] = State.CURRENT
        self.line.append(model)

    def one(self, number: int) -> ModelVersion:
        return ModelVersion.objects.get(pk=list(self.states)[number % len(self.states)])

    def look(self) -> None:
        """At the run that is under way."""
        self.run = next(iter(life.live(self.task)), None)

    @initialize(outcome=OUTCOME)
    def the_first_run(self, outcome: str) -> None:
        self.a_whole_run("fast", outcome)

    @precondition(lambda self: self.run is None)
    @rule(speed=SPEED, outcome=OUTCOME)
    def a_whole_run(self, speed: str, outcome: str) -> None:
        self.somebody_starts_one(speed)
        self.a_worker_takes_it()
        self.it_judges(outcome)
        self.it_finishes(heard=False)

    @rule(speed=SPEED)
    def somebody_starts_one(self, speed: str) -> None:
        wait = self.run and f"Run {self.run.pk} is still under way; wait for it or cancel it first."
        assert life.start(self.task, speed, self.admin) == (wait or "")
        self.look()

    @precondition(lambda self: self.run and self.worker is None)
    @rule()
    def a_worker_takes_it(self) -> None:
        assert self.run is not None
        self.worker = life.take(self.run)
        self.look()

    @precondition(lambda self: self.worker and self.worker.judged is None)
    @rule(outcome=OUTCOME)
    def it_judges(self, outcome: str) -> None:
        assert self.worker is not None
        self.worker = life.judge(self.worker, outcome)

    @precondition(lambda self: self.worker and self.worker.judged)
    @rule(heard=st.booleans())
    def it_finishes(self, heard: bool) -> None:
        assert self.worker is not None
        stops = heard and life.job_of(self.worker.run).cancel_requested
        self.finished(self.worker, may=not stops, heard=heard)
        self.worker = None

    @precondition(lambda self: self.sleeping)
    @rule()
    def one_that_seemed_dead_finishes(self) -> None:
        """It counts only where nobody else took its job meanwhile."""
        worker = self.sleeping.pop()
        own = life.job_of(worker.run).token == worker.running.token
        self.finished(worker, may=own, heard=False)

    def finished(self, worker: life.Worker, *, may: bool, heard: bool) -> None:
        judged = worker.judged
        assert judged is not None
        other = bool(judged.gate.get("other_answers"))
        passed = judged.gate["passed"]
        at_once = passed and not other and self.current == judged.against
        life.finish(worker, heard=heard)
        self.look()
        made = ModelVersion.objects.filter(run=worker.run).first()
        if not may or (at_once and worker.outcome in life.BROKEN):
            assert made is None
            return
        assert made is not None
        self.states[made.pk] = State.CANDIDATE if passed else State.REFUSED
        assert made.gate["test_uses"] == promotion.uses_of_test(self.task)
        if at_once:
            self.became_current(made.pk)

    @precondition(lambda self: self.worker)
    @rule(how=st.sampled_from([life.refuse, life.break_down]))
    def it_fails(self, how: Any) -> None:
        how(self.worker)
        self.worker = None
        self.look()

    @precondition(lambda self: self.worker)
    @rule()
    def it_is_killed(self) -> None:
        assert self.worker is not None
        life.kill(self.worker)
        self.sleeping += [self.worker] if self.worker.judged else []
        self.worker = None

    @precondition(lambda self: self.run)
    @rule()
    def somebody_cancels(self) -> None:
        assert self.run is not None
        life.cancel_run(self.run)
        self.look()

    @precondition(lambda self: self.states)
    @rule(number=ANY)
    def an_admin_promotes(self, number: int) -> None:
        self.promoted(self.one(number))

    @precondition(lambda self: self.previous)
    @rule()
    def an_admin_rolls_back(self) -> None:
        assert self.previous is not None
        self.promoted(ModelVersion.objects.get(pk=self.previous))

    def promoted(self, model: ModelVersion) -> None:
        before = self.current
        whole = model.metrics and weights.path_of(model.weights).exists()
        why_not = life.promote(model, self.admin)
        assert (why_not == "") == bool(model.state in USABLE and whole)
        if why_not or model.pk == before:
            return
        self.became_current(model.pk)
        event = model.events.latest("pk")
        back = before is not None and ModelVersion.objects.get(pk=before).number > model.number
        assert event.what == (What.ROLLED_BACK if back else What.PROMOTED)
        assert event.by == self.admin

    @precondition(lambda self: bool({*self.states.values()} - {State.DELETED}))
    @rule(number=ANY)
    def an_admin_deletes(self, number: int) -> None:
        there = [pk for pk, state in self.states.items() if state != State.DELETED]
        model = ModelVersion.objects.get(pk=there[number % len(there)])
        stays = model.state == State.CURRENT or self.run
        why_not = life.delete(model, self.admin)
        assert bool(why_not) == bool(stays)
        if not why_not:
            self.states[model.pk] = State.DELETED

    @rule(answers=st.booleans())
    def the_form_changes(self, answers: bool) -> None:
        life.change_form(self.task, answers=answers)

    @precondition(lambda self: self.states)
    @rule(number=ANY)
    def a_worker_predicts(self, number: int) -> None:
        """With the current version, or with one that it took for it."""
        model, waiting = self.one(number), Prediction.objects.filter(case__task=self.task)
        waiting = waiting.filter(case__state="waiting")
        before = set(waiting.values_list("pk", flat=True))
        why_not = life.pre_annotate(model)
        assert (why_not == "") == weights.path_of(model.weights).exists()
        if model.pk == self.current:
            assert set(waiting.values_list("model", flat=True)) <= {model.pk}
        else:
            assert set(waiting.values_list("pk", flat=True)) == before

    @rule(value=st.integers(0, 4))
    def somebody_reads(self, value: int) -> None:
        read = life.read(self.task, self.reader, value)
        now = life.kept(self.task)
        if read is not None:
            assert read.shown.model in (None, self.current)
            assert now[:-1] == self.kept
            assert now[-1][1]["kl"] == read.answers["kl"]
        self.kept = now

    @precondition(lambda self: self.current and len(self.states) > 1)
    @rule(number=ANY)
    def two_are_never_current(self, number: int) -> None:
        model = self.one(number)
        if model.state != State.CURRENT:
            with pytest.raises(IntegrityError), transaction.atomic():
                ModelVersion.objects.filter(pk=model.pk).update(state=State.CURRENT)

    @invariant()
    def versions_are_what_they_should_be(self) -> None:
        rows = ModelVersion.objects.filter(task=self.task).prefetch_related("events")
        versions = list(rows.order_by("number"))
        assert {one.pk: one.state for one in versions} == self.states
        assert [one.number for one in versions] == [n + 1 for n in range(len(versions))]
        for one in versions:
            if one.state == State.CURRENT:
                check_current(one)
            if one.state == State.DELETED:
                check_deleted(one)
        self.check_never_less(versions)

    def check_never_less(self, versions: Sequence[ModelVersion]) -> None:
        """Neither uses of the test nor lines of the history."""
        told = sorted(event.pk for one in versions for event in one.events.all())
        uses = promotion.uses_of_test(self.task)
        assert uses >= self.uses
        assert told[: len(self.history)] == self.history
        self.uses, self.history = uses, told

    @invariant()
    def what_people_answered_and_saw_stays(self) -> None:
        assert life.kept(self.task) == self.kept

    @invariant()
    def one_run_at_a_time_and_a_version_of_each_that_ended_well(self) -> None:
        found = list(runs.runs(self.task))
        live = [run.pk for run in found if run.job.state in runs.LIVE]
        assert live == ([self.run.pk] if self.run else [])
        for run in found:
            ended_well = runs.state(run) in (TrainingRun.State.DONE, TrainingRun.State.REFUSED)
            assert ended_well == (runs.model_of(run) is not None)


def check_current(one: ModelVersion) -> None:
    """The gate let it pass, its weights are whole, and the history tells who made it current."""
    assert one.gate["passed"] is True
    assert one.metrics
    assert weights.checked(one.weights)
    made = [event for event in one.events.all() if event.what in (What.PROMOTED, What.ROLLED_BACK)]
    assert max(made, key=lambda event: event.pk).by == one.promoted_by


def check_deleted(one: ModelVersion) -> None:
    assert not weights.path_of(one.weights).exists()
    [event] = [event for event in one.events.all() if event.what == What.DELETED]
    assert event.by
    assert event.reason


@pytest.mark.django_db(transaction=True)
def test_whatever_happens_to_versions_the_promises_hold() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
