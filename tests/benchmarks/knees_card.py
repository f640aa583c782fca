"""The full run on 2,600 real knees on a CUDA card, through the engine itself; `make bench ONLY=knees` is that of the platform.

The knees are read by path, as in knees.py. Where there is no card, or no knees, this says so and measures nothing.
"""

import csv
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from tests.benchmarks.figures import ROOT, Figure, told
from tests.benchmarks.templates import settings_of, template
from training.engine.batches import Images
from training.engine.evaluate import evaluate
from training.engine.examples import Example
from training.engine.full import train_full
from training.engine.images import prepare
from training.engine.model import Model
from training.engine.pooling import Bags
from training.engine.settings import Settings

KNEES = Path(os.environ.get("OSTEON_KNEES", ROOT.parent / "shared" / "data" / "knee-kl"))
TUNE = 0.125  # of the patients learned from, as the platform takes (annotation/splits.py)


def measure() -> tuple[list[Figure], str]:
    labels = KNEES / "labels.csv"
    if not torch.cuda.is_available():
        print("SKIPPED: there is no CUDA card here; nothing of the platform needs one.")
        return [], ""
    if not labels.exists():
        print(f"SKIPPED: the real knees are not at {KNEES}; set OSTEON_KNEES to their folder.")
        return [], ""
    settings = settings_of("knee-oa-kl")
    grade = next(field for field in template("knee-oa-kl")["fields"] if field["key"] == "kl")
    with labels.open() as file:
        rows = list(csv.DictReader(file))
    examples = examples_of(rows)
    squares = np.stack([square(row, settings.size) for row in rows])
    model, seconds, epochs = trained([grade], examples, squares, settings)
    held = [n for n, example in enumerate(examples) if example.split == "test"]
    said = model.predict_embeddings(Bags.of([model.embed(squares[n : n + 1]) for n in held]))
    found = evaluate([grade], [examples[n] for n in held], said)["kl"]
    return figures_of(found, seconds), notes_of(found, examples, epochs)


def examples_of(rows: list[dict[str, str]]) -> list[Example]:
    patients = sorted({row["patient_id"] for row in rows if row["split"] == "train"})
    tune = set(np.random.default_rng(0).permutation(patients)[: round(TUNE * len(patients))])
    return [
        Example(
            row["file"],
            row["patient_id"],
            "tune" if row["patient_id"] in tune else row["split"],
            {"kl": {"state": "answered", "value": int(row["kl_grade"])}},
            row["laterality"],
        )
        for row in rows
    ]


def square(row: dict[str, str], size: int) -> NDArray[np.uint8]:
    with Image.open(KNEES / row["file"]) as image:
        return prepare(np.asarray(image.convert("L")), mirror=row["laterality"] == "L", size=size)


def trained(
    fields: list[dict[str, Any]],
    examples: list[Example],
    squares: NDArray[np.uint8],
    settings: Settings,
) -> tuple[Model, float, int]:
    """The model, how long it took, and after how many epochs it ended."""
    epochs = [0]

    def report(now: dict[str, Any]) -> None:
        if now["tune"] and now["epoch"] > epochs[-1]:
            epochs.append(now["epoch"])
            print(f"epoch {now['epoch']}: {now['tune']}", flush=True)

    learned = [n for n, example in enumerate(examples) if example.split != "test"]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        model = train_full(
            fields,
            [examples[n] for n in learned],
            Images.single(squares, np.array(learned)),
            settings,
            folder=Path(folder),
            report=report,
        )
    return model, time.monotonic() - began, epochs[-1]


def figures_of(found: dict[str, Any], seconds: float) -> list[Figure]:
    return [
        Figure("knees_card.qwk_full_2600", found["qwk"]["value"], "≥ 0.82", "in bfloat16"),
        Figure("knees_card.accuracy_full_2600", found["accuracy"]["value"], "≥ 0.63"),
        Figure("knees_card.full_seconds_2600", seconds, "", "images at hand in memory"),
    ]


def notes_of(found: dict[str, Any], examples: list[Example], epochs: int) -> str:
    count = {of: sum(example.split == of for example in examples) for of in ("train", "tune")}
    interval = "; ".join(f"{name} {told(found[name])}" for name in ("qwk", "accuracy", "mae"))
    return (
        f"Learned from {count['train']} knees, tuned on {count['tune']}, tested on the same "
        f"{found['n']} as `make bench ONLY=knees`, by the template's settings; {epochs} epochs. With 95 % intervals over "
        f"patients: {interval}.\n"
    )
