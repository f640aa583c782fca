"""Every start of a training passes here: inference knows which reads were made with a prediction in sight."""

from collections.abc import Sequence

from accounts.models import User
from annotation.models import Task
from inference import arms
from training import again, runs
from training import consider as considering
from training.models import Decision, TrainingRun


def retrain(task: Task, speed: str, trigger: str, by: User | None) -> TrainingRun:
    """Start a training now; raises Problem 409 as training.runs.start does."""
    return runs.start(task, speed, trigger, by, unusable=arms.unusable(task))


def why_not(task: Task, speeds: Sequence[str]) -> dict[str, str]:
    """By speed, why a training that somebody asks for would not start now, as a sentence; empty where it would."""
    if reason := runs.why_none(task):
        return dict.fromkeys(speeds, reason)
    same = again.nothing_new(task, speeds, unusable=arms.unusable(task))
    return {speed: runs.why_not(task, speed) or same[speed] for speed in speeds}


def consider(task: Task) -> Decision:
    """Start a training by itself where it is due; says why or why not."""
    return considering.consider(task, unusable=arms.unusable(task))
