"""What a template may say of training is what the engine can be told."""

from dataclasses import fields

from annotation.learning_settings import PRETRAIN, SETTINGS, problems
from training.engine.pretrain import Pretraining
from training.engine.settings import OF_VOLUMES, Settings
from training.networks import NETWORKS

OF_THE_MACHINE = {"seed", "threads", "report_seconds", "checkpoint_seconds"}
OF_READING = {"encoder", "slices", "volume", "mirror", "pretrain"}


def test_a_template_may_say_all_that_a_full_run_may_be_told() -> None:
    known = {one.name for one in fields(Settings)} - OF_THE_MACHINE

    assert known | OF_READING == set(SETTINGS)
    assert {one.name for one in fields(Pretraining)} - OF_THE_MACHINE == set(PRETRAIN)


def test_what_is_usual_may_be_said() -> None:
    usual = {one.name: one.default for one in fields(Settings) if one.name in SETTINGS}
    shown = {one.name: one.default for one in fields(Pretraining) if one.name in PRETRAIN}

    assert list(problems({**usual, "pretrain": shown})) == []
    assert list(problems(OF_VOLUMES)) == []


def test_each_network_may_be_named_and_no_other() -> None:
    for name in NETWORKS:
        assert list(problems({"encoder": name})) == []
    [problem] = problems({"encoder": "resnet19"})
    assert problem.startswith(f"encoder must be one of {', '.join(NETWORKS)}")
