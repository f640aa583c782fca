"""Torn ligaments in phantom MR stacks, each read as one volume by a network that learns from nothing; and on shuffled answers.

OSTEON_BENCH_VOLUMES="60,40" says of how many it learns and on how many it is judged.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phantoms.mr.knee import draw_knee_mr
from tests.benchmarks.chance import shuffled
from tests.benchmarks.figures import Figure, told
from training.engine.batches import Images
from training.engine.encoder import Encoder
from training.engine.evaluate import evaluate
from training.engine.examples import Example
from training.engine.full import train_full
from training.engine.settings import OF_VOLUMES, Settings
from training.engine.volumes import Grid, resampled
from training.networks import VOLUMES

LEARN, HELD = map(int, os.environ.get("OSTEON_BENCH_VOLUMES", "60,40").split(","))
TUNE = 0.25  # of those that it learns from
SEED = 21
GRID = Grid((3.3, 2.0, 2.0), (26, 64, 64))
FIELD = {"key": "acl", "kind": "presence", "label": "Tear", "sites": []}
THREADS = os.cpu_count() or 2


def measure() -> tuple[list[Figure], str]:
    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        volumes = np.stack(list(pool.map(drawn, range(LEARN + HELD))))
    seconds = time.monotonic() - began
    torn = [is_torn(number) for number in range(LEARN + HELD)]
    true = judged(volumes, torn, torn[:LEARN])
    trained = time.monotonic() - began - seconds
    whose = shuffled(torn[:LEARN], [split_of(number) for number in range(LEARN)], SEED)
    by_chance = judged(volumes, torn, [torn[number] for number in whose])
    chance = by_chance["auc"]
    off = max(0.0, chance["low"] - 0.5, 0.5 - chance["high"])
    figures = [
        Figure("volumes.tear_auc", true["auc"]["value"], "≥ 0.8", "learned from nothing"),
        Figure(
            "volumes.tear_shuffled_off",
            off,
            "≤ 0",
            f"how far 0.5 lies outside of the interval of the AUC on shuffled answers, {chance['value']:.2f}",
        ),
        Figure("volumes.seconds", trained, "", f"one full run on {LEARN} volumes"),
    ]
    notes = (
        f"{LEARN} phantom stacks learned from, {HELD} held out, drawn in {seconds:.0f} s; voxels of {GRID.spacing} mm, "
        f"{GRID.shape}. AUC {told(true['auc'])}; shuffled {told(chance)}.\n\n"
    )
    return figures, notes


def is_torn(number: int) -> bool:
    return number % 2 == 0


def split_of(number: int) -> str:
    return "train" if number < round(LEARN * (1 - TUNE)) else "tune"


def drawn(number: int) -> NDArray[np.uint8]:
    side = "RL"[number // 2 % 2]
    seed = SEED * 1_000_003 + number
    phantom = draw_knee_mr(laterality=side, meniscus=False, acl=is_torn(number), seed=seed)
    sagittal = phantom.stacks[0]
    slices, rows, columns = sagittal.pixels.shape
    wide = sagittal.stack.spacing_mm
    spacing = (sagittal.stack.plane.gap_mm, wide, wide)
    flip = 0 if side == "L" else None
    return resampled(iter(sagittal.pixels), (slices, rows, columns), spacing, GRID, flip)


def judged(
    volumes: NDArray[np.uint8], torn: Sequence[bool], answers: Sequence[bool]
) -> dict[str, Any]:
    """Figures on those held out; `answers`: of those that it learns from, shuffled or not."""
    examples = [example(n, split_of(n), one) for n, one in enumerate(answers)]
    settings = Settings(
        **{**OF_VOLUMES, "size": GRID.shape[-1], "images": "volume", "threads": THREADS}
    )
    name = f"volume{GRID.flat}"
    with tempfile.TemporaryDirectory() as folder:
        model = train_full(
            [FIELD],
            examples,
            Images.single(volumes[:LEARN], np.arange(LEARN)),
            settings,
            folder=Path(folder),
            report=lambda told: print(told["epoch"], told["loss"], told["tune"], flush=True),
            encoder=Encoder(VOLUMES[name](), name),
        )
    held = [example(n, "test", torn[n]) for n in range(LEARN, LEARN + HELD)]
    found: dict[str, Any] = evaluate([FIELD], held, model.predict(volumes[LEARN:]))["acl"]
    return found


def example(number: int, split: str, torn: bool) -> Example:
    answer = {"state": "answered", "value": "present" if torn else "absent"}
    return Example(f"knee-{number}", f"knee-{number}", split, {"acl": answer}, "")
