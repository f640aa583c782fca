"""What a run says of itself."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.said import Said
from jobs.models import Job
from jobs.running import Running
from training.reporting import LINES, Reporting


def running(attempt: int = 1) -> Running:
    return Running(Job(pk=1, attempts=attempt))


def told(on: Running) -> dict[str, Any]:
    progress = on.take_progress()
    assert progress is not None
    assert progress.detail is not None
    return progress.detail


def epoch(number: int, loss: float) -> dict[str, Any]:
    tune = {"kl": {"qwk": 0.5}}
    return {"epoch": number + 1, "epochs": 3, "step": 0, "steps": 9, "loss": loss, "tune": tune}


def test_each_word_carries_the_curve_and_the_log_so_far() -> None:
    on = running()
    reporting = Reporting(on, "full", {})

    reporting.images(0, 10)
    reporting.images(10, 10)
    reporting.fitting(epoch(1, 0.8))
    reporting.fitting(epoch(2, 0.6))

    detail = told(on)
    assert [line["line"] for line in detail["log"]] == [
        "0 of 10 images prepared.",
        "Epoch 1: loss 0.800, tune 0.500.",
        "Epoch 2: loss 0.600, tune 0.500.",
    ]
    assert [point["loss"] for point in detail["curve"]] == [0.8, 0.6]


def test_another_attempt_goes_on_with_the_log_of_the_one_before() -> None:
    first = running()
    Reporting(first, "full", {}).fitting(epoch(1, 0.8))
    on = running(attempt=2)

    Reporting(on, "full", told(first)).fitting(epoch(2, 0.6))

    detail = told(on)
    assert [line["line"] for line in detail["log"]][1] == "Attempt 2 of 3."
    assert len(detail["curve"]) == 2


def test_the_oldest_lines_go_first() -> None:
    on = running()
    reporting = Reporting(on, "fast", {})
    for number in range(LINES + 5):
        reporting.say(str(number))

    reporting.images(1, 1)

    lines = [line["line"] for line in told(on)["log"]]
    assert (len(lines), lines[-2]) == (LINES, str(LINES + 4))


def test_the_curve_of_two_stages_knows_where_the_second_begins_and_where_it_ends() -> None:
    on = running()
    reporting = Reporting(on, "full", {})

    reporting.stage(1, 2, "whole images.")
    reporting.fitting(epoch(1, 0.8))
    first = told(on)
    reporting.fitting(epoch(2, 0.6))  # and stopped early
    reporting.stage(2, 2, "crops.")
    reporting.fitting(epoch(1, 0.7))
    second = told(on)
    again = running(attempt=2)
    resumed = Reporting(again, "full", second)
    resumed.stage(1, 2, "whole images.")
    resumed.stage(2, 2, "crops.")
    resumed.fitting(epoch(2, 0.5))
    third = told(again)

    assert (first["stages"], first["curve_epochs"]) == ([0], 6)
    assert (second["stages"], second["curve_epochs"]) == ([0, 2], 5)
    assert (third["stages"], third["curve_epochs"]) == ([0, 2], 5)
    assert [point["epoch"] for point in third["curve"]] == [1, 2, 3, 4]


def test_each_of_two_stages_has_its_part_of_the_bar_and_of_the_time_that_is_left() -> None:
    on = running()
    reporting = Reporting(on, "full", {})
    half = {**epoch(1, 0.8), "step": 3, "seconds": 60.0, "eta_seconds": 30.0}
    seen = []

    reporting.stage(1, 2, "whole images.")
    for _ in range(2):
        reporting.fitting(half)
        seen.append(on.take_progress())
        reporting.stage(2, 2, "crops.")
    reporting.testing(1, 4)
    seen.append(on.take_progress())

    first, second, test = (one for one in seen if one is not None)
    assert first.text == "Stage 1 of 2: Epoch 2 of 3"
    assert second.text == "Stage 2 of 2: Epoch 2 of 3"
    assert second.fraction - first.fraction == pytest.approx(0.45)
    assert 0.9 <= test.fraction <= 1
    # the second stage takes about as long as the first: 90 seconds, of which none are spent yet
    assert [(one.detail or {})["eta_seconds"] for one in (first, second)] == [120.0, 30.0]
    assert test.text == "1 of 4 test images predicted"


def test_nothing_is_left_of_what_is_done_and_nothing_is_foretold_of_what_nobody_knows() -> None:
    on = running()
    reporting = Reporting(on, "full", {})
    last = {**epoch(2, 0.6), "epoch": 3, "eta_seconds": None}

    reporting.testing(10, 10)
    assert told(on)["eta_seconds"] is None
    reporting.fitting({**last, "doing": "Calibrating the answers", "code": "calibrating"})
    now = on.take_progress()

    assert now is not None
    assert (now.text, now.said["code"]) == ("Calibrating the answers", "calibrating")
    assert (now.fraction, (now.detail or {})["eta_seconds"]) == (0.88, None)


def test_maps_and_places_of_a_fast_run_have_their_parts_of_the_bar() -> None:
    on = running()
    reporting = Reporting(on, "fast", {})
    seen = []

    words: list[Callable[[], None]] = [
        lambda: reporting.images(8, 8),
        lambda: reporting.maps(4, 8),
        lambda: reporting.placing({"slot": "where", "done": 1, "of": 2}),
        lambda: reporting.fitting({"slot": "kl", "done": 0, "of": 2}),
        lambda: reporting.testing(1, 2),
        lambda: reporting.doing(Said("Judging on the locked test", "judging")),
    ]
    for tell in words:
        tell()
        seen.append(on.take_progress())

    shares = [one.fraction for one in seen if one is not None]
    assert len(shares) == 6
    assert shares == sorted(shares)
    assert [one.said["code"] for one in seen if one is not None] == [
        "images_prepared",
        "maps_made",
        "fitting_places",
        "fitting",
        "images_tested",
        "judging",
    ]


def test_a_line_of_the_log_has_its_code_beside_it() -> None:
    on = running(attempt=2)
    reporting = Reporting(on, "fast", {})
    reporting.say("What nobody gave a code.")
    reporting.images(0, 10)

    first, plain, images = told(on)["log"]

    assert (first["code"], first["parameters"]) == ("attempt", {"attempt": 2, "of": 3})
    assert set(plain) == {"at", "line"}
    assert (images["code"], images["parameters"]) == ("images_prepared", {"done": 0, "of": 10})
