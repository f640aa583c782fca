import pytest

from accounts.models import User
from annotation.models import Annotation, Case, Task
from tests.factories.annotation import grade, make_reader, make_task
from tests.factories.inference import keep_cases
from tests.factories.training import make_model, make_run
from training import consider, runs
from training.models import Decision, TrainingRun

pytestmark = pytest.mark.django_db


def make_small_task(retrain_every: int = 10) -> Task:
    task = make_task()
    task.retrain_every = retrain_every
    task.save()
    return task


def add_references(task: Task, cases: list[Case], reader: User, values: int = 3) -> None:
    form = task.forms.get()
    Annotation.objects.bulk_create(
        Annotation(
            case=case,
            reader=reader,
            form=form,
            state="submitted",
            version=1,
            answers=grade(number % values),
            submitted_at=case.created_at,
        )
        for number, case in enumerate(cases)
    )
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(state="read")


def decide(task: Task) -> tuple[bool, str]:
    decision = consider.consider(task)
    return decision.started, decision.reason


def test_it_waits_for_enough_new_references_and_counts_them() -> None:
    task = make_small_task()
    add_references(task, keep_cases(task, "train", 8), make_reader(task))

    assert decide(task) == (False, "8 of 10 new references.")


def test_it_starts_when_there_are_enough() -> None:
    task = make_small_task()
    add_references(task, keep_cases(task, "train", 10), make_reader(task))

    assert decide(task) == (True, "Started a fast run: 10 new references.")
    run = runs.live(task)
    assert run is not None
    assert (run.speed, run.references, run.trigger) == ("fast", 10, "10 new references")
    assert run.job.arguments == {"run_id": run.pk}
    assert decide(task) == (False, f"Run {run.pk} is under way: 10 new references.")
    assert TrainingRun.objects.count() == 1


def test_it_does_not_count_the_reads_of_locked_test_patients() -> None:
    task = make_small_task()
    add_references(task, keep_cases(task, "test", 12), make_reader(task))

    assert decide(task) == (False, "0 of 10 new references.")


def test_it_says_when_it_is_off() -> None:
    task = make_small_task(retrain_every=0)
    add_references(task, keep_cases(task, "train", 10), make_reader(task))

    assert decide(task) == (False, "Automatic retraining is off.")


@pytest.mark.parametrize(("cases", "values"), [(9, 3), (12, 1)])
def test_it_says_when_there_is_too_little_to_learn_from(cases: int, values: int) -> None:
    task = make_small_task(retrain_every=5)
    add_references(task, keep_cases(task, "train", cases), make_reader(task), values)

    started, reason = decide(task)

    assert not started
    assert reason == (
        "A training needs at least 10 answered cases with 2 different answers;"
        f" outside the locked test there are {cases} with {values}."
    )


@pytest.mark.parametrize(
    ("job_state", "fate"), [("failed", "failed"), ("cancelled", "was cancelled")]
)
def test_it_waits_for_more_references_after_a_run_that_came_to_nothing(
    job_state: str, fate: str
) -> None:
    task = make_small_task()
    add_references(task, keep_cases(task, "train", 10), make_reader(task))
    consider.consider(task)
    run = TrainingRun.objects.get()
    run.job.state = job_state
    run.job.save()

    assert decide(task) == (False, f"0 of 10 new references since run {run.pk}, which {fate}.")


def test_it_tells_the_model_since_which_it_counts() -> None:
    task = make_small_task()
    add_references(task, keep_cases(task, "train", 4), make_reader(task))
    make_model(task, "current")

    assert decide(task) == (False, "4 of 10 new references since model 1.")


def test_one_reference_is_said_as_one() -> None:
    task = make_small_task(retrain_every=1)
    add_references(task, keep_cases(task, "train", 1), make_reader(task))
    make_model(task, "current")

    assert decide(task)[1].endswith("outside the locked test there is 1 with 1.")
    assert decide(make_small_task(retrain_every=1)) == (False, "0 of 1 new reference.")


def test_a_full_run_is_due_after_the_first_model_and_five_times_the_new_references() -> None:
    task = make_small_task(retrain_every=2)
    add_references(task, keep_cases(task, "train", 10), make_reader(task))

    assert consider.due_speed(task) == "fast"
    make_model(task, "current")
    assert consider.due_speed(task) == "full"
    make_run(task, speed="full", references=1)
    assert consider.due_speed(task) == "fast"
    make_run(task, job_state="failed", speed="full", references=0)
    assert consider.due_speed(task) == "full"


def test_it_writes_only_what_changed() -> None:
    task = make_small_task()

    first = consider.consider(task)
    second = consider.consider(task)

    assert second.at == first.at
    assert Decision.objects.count() == 1


def test_a_page_can_say_the_reason_in_its_own_language() -> None:
    task = make_small_task()
    add_references(task, keep_cases(task, "train", 4), make_reader(task))
    model = make_model(task, "current")

    waits = {"new": 4, "of": 10, "model": model.number}
    reason = {"code": "waits_for_references", "parameters": waits}
    assert consider.consider(task).reason_said == reason
    Decision.objects.update(reason_said={})  # as of before there were codes
    assert consider.consider(task).reason_said == reason


def test_what_started_a_run_is_told_within_why_no_other_starts() -> None:
    task = make_small_task()
    add_references(task, keep_cases(task, "train", 10), make_reader(task))
    trigger = {"code": "new_references", "parameters": {"new": 10}}

    started = consider.consider(task).reason_said
    run = TrainingRun.objects.get()

    assert started["parameters"]["trigger"] == {"sentence": "10 new references", **trigger}
    assert run.trigger_said == trigger
    under_way = consider.consider(task).reason_said
    assert under_way["parameters"] == {"run": run.pk, "trigger": started["parameters"]["trigger"]}
