"""What a training says while it runs: its place within the whole, the figures that the page draws, and its log."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jobs.runner import Running

# Where each part of a run begins and ends, as shares of the progress bar.
PARTS = {
    "fast": {"images": (0.0, 0.8), "fit": (0.8, 0.9), "test": (0.9, 1.0)},
    "full": {"images": (0.0, 0.05), "fit": (0.05, 0.9), "test": (0.9, 1.0)},
    "pretrain": {"images": (0.0, 0.05), "fit": (0.05, 1.0)},
}
LINES = 200  # of the log that are kept; the oldest go first
SURE = 3.0  # seconds before a speed is worth an estimate


class Reporting:
    """Turns each part's own counting into the job's progress; raises when the run should stop.

    `before`: the detail of the job's row: curve and log of an earlier attempt, when the run goes on.
    """

    def __init__(self, running: Running, speed: str, before: Mapping[str, Any]) -> None:
        self.running, self.parts = running, PARTS[speed]
        self.curve: list[dict[str, Any]] = list(before.get("curve", []))  # a point an epoch
        self.log: list[dict[str, str]] = list(before.get("log", []))
        # how many points came before each stage
        self.stages: list[int] = list(before.get("stages", []))
        self._now: dict[str, Any] = {}  # epoch, step, loss, eta_seconds
        self._part, self._began, self._first = "", 0.0, 0
        self._stage, self._stages = 1, 1
        if running.attempt > 1:
            self.say(f"Attempt {running.attempt} of {running.max_attempts}.")

    def say(self, line: str) -> None:
        """One line of the log, with the time; written with the next word about the progress."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self.log = [*self.log, {"at": at, "line": line}][-LINES:]

    def stage(self, number: int, of: int, line: str) -> None:
        """What follows, until the test, is one of several stages."""
        self._stage, self._stages, self._part = number, of, ""
        if number > len(self.stages):
            self.stages = [*self.stages, len(self.curve)]
        self.say(f"Stage {number} of {of}: {line}")

    def images(self, done: int, total: int) -> None:
        self._count("images", done, total, f"{done} of {total} images prepared")

    def testing(self, done: int, total: int) -> None:
        self._count("test", done, total, f"{done} of {total} test images predicted")

    def fitting(self, info: Mapping[str, Any]) -> None:
        """A report of the engine: of a full run epoch, epochs, step, steps, loss, tune, eta_seconds; else done, of."""
        if "epoch" not in info:
            if info.get("slot"):
                self.say(f"Fitting {info['slot']}.")
            text = "Fitting the answers to the images"
            self._count("fit", info["done"], info["of"], text)
            return
        if note := info.get("note"):
            self.say(note)
        epoch, epochs = info["epoch"], info["epochs"]
        step, steps = info["step"], info["steps"]
        if step == 0 and info.get("tune") and not note:
            self._epoch_ended(info)
        self._now = {
            key: info.get(key)
            for key in ("epoch", "epochs", "step", "steps", "loss", "eta_seconds")
        }
        before = self.stages[self._stage - 1] if self.stages else 0
        to_come = (self._stages - self._stage) * epochs  # each stage has as many, at the most
        self._now["curve_epochs"] = before + epochs + to_come
        if (
            self._now["eta_seconds"] is not None
        ):  # each stage to come takes about as long as this one
            whole = info.get("seconds", 0.0) + self._now["eta_seconds"]
            self._now["eta_seconds"] += (self._stages - self._stage) * whole
        share = (epoch - 1 + step / max(1, steps)) / max(1, epochs)
        self._tell("fit", share, f"Epoch {epoch} of {epochs}")

    def judged(self, metrics: Mapping[str, Mapping[str, Any]], gate: Mapping[str, Any]) -> None:
        """The figures on the locked test and the gate's word, as the log's last lines."""
        for slot, of in metrics.items():
            self.say(f"Locked test, {slot}: {of['n']} cases of {of['n_patients']} patients.")
        self.say(f"Gate: {gate['reason']}")
        self._tell("test", 1.0, "Judged on the locked test")

    def _epoch_ended(self, info: Mapping[str, Any]) -> None:
        point = {
            "epoch": len(self.curve) + 1,
            "loss": info.get("loss"),
            "tune": _mean(info["tune"]),
        }
        self.curve = [*self.curve, point]
        self.say(
            f"Epoch {point['epoch']}: loss {_three(point['loss'])}, tune {_three(point['tune'])}."
        )

    def _count(self, part: str, done: int, total: int, text: str) -> None:
        """A part that counts what it has done: the time left follows from its own speed."""
        if part != self._part:
            self._part, self._began, self._first = part, time.monotonic(), done
            self.say(f"{text}.")
        took, gained = time.monotonic() - self._began, done - self._first
        known = took >= SURE and gained > 0
        left = took / gained * (total - done) if known else None
        self._now = {"eta_seconds": left}
        self._tell(part, done / max(1, total), text)

    def _tell(self, part: str, share: float, text: str) -> None:
        start, end = self.parts[part]
        if part != "test" and self._stages > 1:
            before = (self._stage - 1) * self.parts["fit"][1]
            start, end = ((before + at) / self._stages for at in (start, end))
            text = f"Stage {self._stage} of {self._stages}: {text}"
        # all of it with every word: only the last may be written
        detail = {**self._now, "curve": self.curve, "stages": self.stages, "log": self.log}
        self.running.progress(start + (end - start) * share, text, detail)


def _mean(tune: Mapping[str, Mapping[str, float | None]]) -> float | None:
    """One figure for the curve: the mean over the slots of their main metric on the split tune."""
    known = [value for slot in tune.values() for value in slot.values() if value is not None]
    return sum(known) / len(known) if known else None


def _three(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
