"""What a full run may be told."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

TURNING, ZOOMING, SHIFTING = 10.0, 0.12, 0.06


@dataclass(frozen=True)
class Settings:
    """What a full run may be told."""

    size: int = 224  # side of the prepared images
    epochs: int = 20
    batch: int = 32
    accumulate: int = 2  # parts of a batch, one after another: so much less memory
    lr: float = 6e-4  # peak for the encoder; the heads, new, learn at three times that
    weight_decay: float = 0.05
    dropout: float = 0.3
    small_share: float = (
        0.5  # of the epochs run at 5/7 of the size: half the time, the same lessons early on
    )
    ema: float = 0.995  # weights kept are a running average over about 1 / (1 - this) steps
    turning: float = TURNING  # degrees either way that pictures are turned by at most
    zooming: float = ZOOMING  # of its size that what a picture shows grows or shrinks by at most
    stretching: float = 0.0  # that it grows wider and lower, or narrower and higher, by at most
    shifting: float = SHIFTING  # of the picture's side that it is moved by at most
    erasing: float = 0.0  # of the pictures lose a patch; not where a finding may be as small as one
    mixing: float = 0.0  # how strongly pictures and their answers are mixed in pairs; of cases with one picture only
    skipping: float = 0.0  # of the pictures leave out the encoder's deepest residual branch
    mirrored: bool = True  # to learn from, where no field has sites; not where an answer has a side
    both_ways: bool = (
        False  # each picture is answered as it is and mirrored, where no answer has a side
    )
    halves: bool = False  # the two sides of a joint by one network (networks/halves.py)
    patience: int = 4  # epochs without a better tune score before stopping
    images: str = "first"  # of a case: its first, or all of them
    pictures: int = 8  # of a case with several: so many, drawn anew, in a step
    covariates: Sequence[str] = ()  # what heads read beside the pictures (covariates.py)
    seed: int = 0
    threads: int = 2
    report_seconds: float = 1.0
    checkpoint_seconds: float = 60.0

    @property
    def several(self) -> bool:
        """Whether a case may have more than one image."""
        return self.images == "all"

    def size_at(self, epoch: int) -> int:
        small = max(32, round(self.size * 5 / 7 / 32) * 32)
        return min(small, self.size) if epoch < int(self.epochs * self.small_share) else self.size

    def rate_at(self, progress: float) -> float:
        """One cycle: up over the first 15 % of all steps, down along a cosine to a hundredth."""
        if progress < 0.15:
            return 0.04 + 0.96 * progress / 0.15
        return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - 0.15) / 0.85))


# What else than above is usual of volumes: a small network that learns from nothing, a few of them at a time.
OF_VOLUMES: dict[str, Any] = {
    "epochs": 60,
    "batch": 8,
    "accumulate": 4,
    "lr": 1e-3,
    "dropout": 0.2,
    "small_share": 0.0,
    "ema": 0.98,
    "patience": 15,
}
