"""What a training says while it runs: its place within the whole, the figures that the page draws, and its log."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.said import Said, counted, kept, part
from jobs.runner import Running
from training.verdicts import reasons

# Where each part of a run begins and ends, as shares of the progress bar.
PARTS = {
    "fast": {
        "images": (0.0, 0.65),
        "maps": (0.65, 0.75),
        "places": (0.75, 0.8),
        "fit": (0.8, 0.87),
        "weigh": (0.87, 0.9),
        "test": (0.9, 1.0),
    },
    "full": {"images": (0.0, 0.05), "fit": (0.05, 0.88), "keep": (0.88, 0.9), "test": (0.9, 1.0)},
    "pretrain": {"images": (0.0, 0.05), "fit": (0.05, 1.0)},
}
LINES = 200  # of the log that are kept; the oldest go first
SURE = 3.0  # seconds before a speed is worth an estimate


class Reporting:
    """Turns each part's own counting into the job's progress; raises when the run should stop.

    `before`: the detail of the job's row: curve and log of an earlier attempt, when the run goes on.
    """

    def __init__(self, running: Running, speed: str, before: Mapping[str, Any]) -> None:
        self.running, self.speed, self.parts = running, speed, PARTS[speed]
        self.curve: list[dict[str, Any]] = list(before.get("curve", []))  # a point an epoch
        self.log: list[dict[str, Any]] = list(before.get("log", []))
        # how many points came before each stage
        self.stages: list[int] = list(before.get("stages", []))
        self._now: dict[str, Any] = {}  # epoch, step, loss, eta_seconds
        self._part, self._began, self._first = "", 0.0, 0
        self._at = 0.0  # of the bar
        self._stage, self._stages = 1, 1
        attempt, of = running.attempt, running.max_attempts
        if attempt > 1:
            self.say(Said(f"Attempt {attempt} of {of}.", "attempt", attempt=attempt, of=of))

    def say(self, line: str) -> None:
        """One line of the log, with the time; written with the next word about the progress."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self.log = [*self.log, {"at": at, "line": line, **kept(line)}][-LINES:]

    def stage(self, number: int, of: int, line: str) -> None:
        """What follows, until the test, is one of several stages."""
        self._stage, self._stages, self._part = number, of, ""
        if number > len(self.stages):
            self.stages = [*self.stages, len(self.curve)]
        said = f"Stage {number} of {of}: {line}"
        self.say(Said(said, "within_stage", stage=number, of=of, text=part(line)))

    def images(self, done: int, total: int) -> None:
        said = f"{done} of {total} images prepared"
        self._count("images", done, total, Said(said, "images_prepared", done=done, of=total))

    def maps(self, done: int, total: int) -> None:
        """Of images, on which places are looked for."""
        said = f"Maps made of {done} of {total} images"
        self._count("maps", done, total, Said(said, "maps_made", done=done, of=total))

    def keeping(self, done: int, total: int) -> None:
        """What the new encoder makes of the images, for the fast runs to come."""
        said = f"{done} of {total} images seen by the new encoder"
        self._count("keep", done, total, Said(said, "images_kept", done=done, of=total))

    def testing(self, done: int, total: int) -> None:
        said = f"{done} of {total} test images predicted"
        self._count("test", done, total, Said(said, "images_tested", done=done, of=total))

    def placing(self, info: Mapping[str, Any]) -> None:
        """A report of the engine on the places of a fast run: done, of, slot."""
        self._fit("places", info, Said("Fitting the places", "fitting_places"))

    def weighing(self, done: int, total: int) -> None:
        """Of images of the split tune, whose marks are weighed as evidence."""
        said = f"Marks of {done} of {total} images weighed"
        self._count("weigh", done, total, Said(said, "marks_weighed", done=done, of=total))

    def still(self, _: Mapping[str, Any]) -> None:
        """A report of which nothing is told; it stops where the run should."""
        self.running.check()

    def doing(self, what: Said) -> None:
        """Something whose end cannot be foretold, at the place that the bar has reached."""
        self._now = {}
        self.say(Said(f"{what}.", what.code, **what.parameters))
        self._write(self._at, what)

    def fitting(self, info: Mapping[str, Any]) -> None:
        """A report of the engine: of a full run epoch, epochs, step, steps, loss, tune, eta_seconds, perhaps a note or
        what is done after the epochs; else done, of."""
        if "epoch" not in info:
            self._fit("fit", info, Said("Fitting the answers to the images", "fitting"))
            return
        if note := info.get("note"):
            self.say(Said(note, info["code"]))
        epoch, epochs = info["epoch"], info["epochs"]
        step, steps = info["step"], info["steps"]
        text = Said(f"Epoch {epoch} of {epochs}", "epoch_of", epoch=epoch, epochs=epochs)
        if doing := info.get("doing"):
            text = Said(doing, info["code"])
        elif step == 0 and info.get("tune") and not note:
            self._epoch_ended(info)
        self._now = {key: info.get(key) for key in ("epoch", "epochs", "step", "steps", "loss")}
        self._now["eta_seconds"] = self._left(info)
        before = self.stages[self._stage - 1] if self.stages else 0
        to_come = (self._stages - self._stage) * epochs  # each stage has as many, at the most
        self._now["curve_epochs"] = before + epochs + to_come
        share = 1.0 if doing else (epoch - 1 + step / max(1, steps)) / max(1, epochs)
        self._tell("fit", share, text)

    def judged(self, metrics: Mapping[str, Mapping[str, Any]], gate: Mapping[str, Any]) -> None:
        """The figures on the locked test and the gate's word, as the log's last lines."""
        for slot, of in metrics.items():
            cases, patients = of["n"], of["n_patients"]
            counts = f"{counted(cases, 'case')} of {counted(patients, 'patient')}"
            said = f"Locked test, {slot}: {counts}."
            self.say(Said(said, "test_counts", slot=slot, cases=cases, patients=patients))
        self.say(Said(f"Gate: {gate['reason']}", "gate_said", reasons=reasons(gate)))
        self._now = {}
        self._tell("test", 1.0, Said("Judged on the locked test", "judged"))

    def _fit(self, part: str, info: Mapping[str, Any], text: Said) -> None:
        if slot := info.get("slot"):
            self.say(Said(f"Fitting {slot}.", "fitting_slot", slot=slot))
        self._count(part, info["done"], info["of"], text)

    def _left(self, info: Mapping[str, Any]) -> float | None:
        """Each stage to come takes about as long as this one."""
        left: float | None = info.get("eta_seconds")
        if left is None:
            return None
        later: float = left + (self._stages - self._stage) * (info.get("seconds", 0.0) + left)
        return later

    def _epoch_ended(self, info: Mapping[str, Any]) -> None:
        epoch, loss, tune = len(self.curve) + 1, info.get("loss"), _mean(info["tune"])
        self.curve = [*self.curve, {"epoch": epoch, "loss": loss, "tune": tune}]
        said = f"Epoch {epoch}: loss {_three(loss)}, tune {_three(tune)}."
        self.say(Said(said, "epoch_ended", epoch=epoch, loss=_three(loss), tune=_three(tune)))

    def _count(self, part: str, done: int, total: int, text: Said) -> None:
        """A part that counts what it has done: the time left follows from its own speed. Of the images before a full
        run it would say nothing of the whole."""
        if part != self._part:
            self._part, self._began, self._first = part, time.monotonic(), done
            self.say(Said(f"{text}.", text.code, **text.parameters))
        took, gained = time.monotonic() - self._began, done - self._first
        known = took >= SURE and gained > 0 and done < total
        known &= part != "images" or self.speed == "fast"
        self._now = {"eta_seconds": took / gained * (total - done) if known else None}
        self._tell(part, done / max(1, total), text)

    def _tell(self, part_of_run: str, share: float, text: Said) -> None:
        start, end = self.parts[part_of_run]
        if part_of_run != "test" and self._stages > 1:
            before = (self._stage - 1) * self.parts["test"][0]
            start, end = ((before + at) / self._stages for at in (start, end))
            stage, of = self._stage, self._stages
            said = f"Stage {stage} of {of}: {text}"
            text = Said(said, "within_stage", stage=stage, of=of, text=part(text))
        self._write(start + (end - start) * share, text)

    def _write(self, at: float, text: Said) -> None:
        self._at = at
        # all of it with every word: only the last may be written
        detail = {**self._now, "curve": self.curve, "stages": self.stages, "log": self.log}
        self.running.progress(at, text, detail)


def _mean(tune: Mapping[str, Mapping[str, float | None]]) -> float | None:
    """One figure for the curve: the mean over the slots of their main metric on the split tune."""
    known = [value for slot in tune.values() for value in slot.values() if value is not None]
    return sum(known) / len(known) if known else None


def _three(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
