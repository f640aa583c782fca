"""A judging process that a file has taken over: whatever it answers costs that file alone."""

import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from archive.prepare import prepare
from archive.refused import Refused
from archive.sandbox import Sandbox
from archive.wire import prepared_to_json, receive, send
from tests.factories.archive import make_file
from tests.factories.verdict import POLICY, SOURCE_HASH

Answer = dict[str, Any]
DATA = make_file()


def told_by(sandbox: Sandbox, lie: Callable[[Answer], None]) -> str:
    """What comes of it when the child that has begun already answers like a sound one, but for the lie."""
    sandbox.prepare(DATA, SOURCE_HASH, POLICY)
    [child] = sandbox._idle
    child.channel.close()
    child.channel, theirs = socket.socketpair()
    answer = prepared_to_json(prepare(DATA, SOURCE_HASH, POLICY), DATA, child.outbox) | {"peak": 0}
    answer = json.loads(json.dumps(answer))
    lie(answer)

    def respond() -> None:
        receive(theirs)
        send(theirs, answer)

    thread = threading.Thread(target=respond)
    thread.start()
    try:
        return str(sandbox.prepare(DATA, SOURCE_HASH, POLICY).instance["sop_instance_uid"])
    except Refused as reason:
        return reason.code
    finally:
        thread.join()
        theirs.close()


def put(*path: Any) -> Callable[[Answer], None]:
    """Sets the value at the end of the path."""
    *way, last, value = path

    def lie(answer: Answer) -> None:
        place: Any = answer
        for step in way:
            place = place[step]
        place[last] = value

    return lie


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


LIES = {
    "refused with nothing": put("refused", []),
    "refused by a number": put("refused", 7),
    "refused for a strange reason": put("refused", ["is bad.", "mine", None, None]),
    "refused at a tag that no column holds": put("refused", ["is bad.", "damaged", 1 << 80, None]),
    "refused before the file": put("refused", ["is bad.", "damaged", None, -1]),
    "refused in half a character": put("refused", ["is \ud800.", "damaged", None, None]),
    "a field too many": put("rows", "instance", "released_at", "2020-01-01"),
    "a field that makes it ready": put("rows", "instance", "state", "ready"),
    "no rows": put("rows", []),
    "a row that is a list": put("rows", "patient", [["patient_id"]]),
    "a number for a text": put("rows", "series", "modality", 5),
    "nothing for a text": put("rows", "patient", "patient_id", None),
    "a truth for a number": put("rows", "instance", "rows", True),
    "less than no columns": put("rows", "instance", "columns", -1),
    "more columns than can be": put("rows", "instance", "columns", 1 << 40),
    "a UID without end": put("rows", "instance", "sop_instance_uid", "1." * 400),
    "half a character": put("rows", "study", "study_description", "\ud800"),
    "another file's hash": put("rows", "instance", "source_hash", "1" * 64),
    "a frame behind the end": put("rows", "instance", "frames", [[[0, 1 << 40]]]),
    "a frame that is no range": put("rows", "instance", "frames", [[5]]),
    "metadata of four hundred levels": put("rows", "instance", "metadata", {"00080005": nested(400)}),
    "metadata that is a text": put("rows", "instance", "metadata", "x"),
    "a date of a row that is not": put("dates", [["nobody", "study_date", "date", "2020-01-01"]]),
    "a date of another kind": put("dates", [["study", "study_date", "time", "10:00"]]),
    "dates that are a number": put("dates", 5),
    "a part that is nowhere": put("parts", [["in", 0, 1 << 60]]),
    "a part without end": put("parts", [["in", 0]]),
    "a part of infinite length": put("parts", [["in", 0, float("inf")]]),
    "a state that does not exist": put("hold", "state", "gone"),
    "a reason of its own": put("hold", "reasons", [{"code": "x", "sentence": "y"}]),
    "reasons that are a text": put("hold", "reasons", "yes"),
    "a hold that is a number": put("hold", 5),
    "an identity of its own kind": put("link", {"PatientName": {"a": 1}}),
    "an identity with more": put("link", {"Password": "x"}),
    "no peak": lambda answer: answer.pop("peak"),
    "a peak that is a text": put("peak", "x"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_lie_costs_its_file_alone(lie: Callable[[Answer], None]) -> None:
    with Sandbox() as sandbox:
        assert told_by(sandbox, lie) == "damaged"
        assert not sandbox._idle


def test_the_truth_is_believed() -> None:
    sound = prepare(DATA, SOURCE_HASH, POLICY).instance

    with Sandbox() as sandbox:
        assert told_by(sandbox, lambda answer: None) == sound["sop_instance_uid"]
