"""What a training says while it runs: its place within the whole, and the figures that the page draws."""

from collections.abc import Mapping
from typing import Any

from jobs.runner import Running

# Where each part of a run begins and ends, as shares of the progress bar.
PARTS = {
    "fast": {"images": (0.0, 0.8), "fit": (0.8, 0.9), "test": (0.9, 1.0)},
    "full": {"images": (0.0, 0.05), "fit": (0.05, 0.9), "test": (0.9, 1.0)},
}


class Reporting:
    """Turns each part's own counting into the job's progress; raises when the run should stop."""

    def __init__(self, running: Running, speed: str, curve: list[dict[str, Any]]) -> None:
        self.running, self.parts = running, PARTS[speed]
        self.detail: Mapping[str, Any] | None = (
            None  # repeated with every word: only the last may be kept
        )
        self.curve = curve  # a point an epoch; of an earlier attempt, when the run goes on from its checkpoint

    def images(self, done: int, total: int) -> None:
        self._tell("images", done / max(1, total), f"{done} of {total} images prepared")

    def testing(self, done: int, total: int) -> None:
        self._tell("test", done / max(1, total), f"{done} of {total} test images predicted")

    def fitting(self, info: Mapping[str, Any]) -> None:
        """A report of the engine: of a full run epoch, epochs, step, steps, loss, tune, eta_seconds; else done, of."""
        if "epoch" not in info:
            self._tell(
                "fit", info["done"] / max(1, info["of"]), "Fitting the answers to the images"
            )
            return
        epoch, epochs = info["epoch"], info["epochs"]
        step, steps = info["step"], info["steps"]
        if step == 0 and info.get("tune"):  # an epoch just ended
            self.curve.append(
                {
                    "epoch": len(self.curve) + 1,
                    "loss": info.get("loss"),
                    "tune": _mean(info["tune"]),
                }
            )
        share = (epoch - 1 + step / max(1, steps)) / max(1, epochs)
        detail = {
            key: info.get(key)
            for key in ("epoch", "epochs", "step", "steps", "loss", "eta_seconds")
        }
        self._tell("fit", share, f"Epoch {epoch} of {epochs}", {**detail, "curve": self.curve})

    def _tell(
        self, part: str, share: float, text: str, detail: Mapping[str, Any] | None = None
    ) -> None:
        self.detail = detail or self.detail
        start, end = self.parts[part]
        self.running.progress(start + (end - start) * share, text, self.detail)


def _mean(tune: Mapping[str, Mapping[str, float | None]]) -> float | None:
    """One figure for the curve: the mean over the slots of their main metric on the split tune."""
    known = [value for slot in tune.values() for value in slot.values() if value is not None]
    return sum(known) / len(known) if known else None
