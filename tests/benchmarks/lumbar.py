"""Finding discs on 36 real sagittal MR images of the lumbar spine, four folds by patient, through the engine itself.

The images are read by path and never become part of the project; where they are absent this says so and measures
nothing. Set OSTEON_LUMBAR to their folder (images/, labels.csv with file,source_id,boxes_yolo).
"""

import csv
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.cluster import KMeans

from tests.benchmarks.figures import Figure
from tests.instance import ROOT
from training.engine.batches import Images
from training.engine.evaluate import evaluate
from training.engine.examples import Example
from training.engine.full import train_full
from training.engine.images import prepare
from training.engine.settings import Settings
from training.recipes.boxes import LEAST_IOU, iou
from training.recipes.place import Place

LUMBAR = Path(os.environ.get("OSTEON_LUMBAR", ROOT.parent / "shared" / "data" / "lumbar-mri"))
FIELD = {"key": "discs", "kind": "boxes", "label": "Discs", "sites": []}
FOLDS, TUNE = 4, 5  # of the images outside a fold, those that calibrate
SETTINGS = Settings(size=224, epochs=30, batch=8, patience=30, threads=os.cpu_count() or 2)
Box = list[float]


class Spine(NamedTuple):
    name: str
    square: NDArray[np.uint8]
    place: Place
    boxes: list[Box]


def measure() -> tuple[list[Figure], str]:
    labels = LUMBAR / "labels.csv"
    if not labels.exists():
        print(f"SKIPPED: the lumbar images are not at {LUMBAR}; set OSTEON_LUMBAR.")
        return [], f"Skipped: the lumbar images were not at hand ({LUMBAR.name}).\n"
    began = time.monotonic()
    spines = read(labels)
    held: list[Example] = []
    found: list[dict[str, Any]] = []
    prior: list[dict[str, Any]] = []
    order = np.random.default_rng(0).permutation(len(spines))
    for number in range(FOLDS):
        test = [spines[n] for n in order[number::FOLDS]]
        rest = [spines[n] for n in order if n not in order[number::FOLDS]]
        found += trained(rest, test)
        prior += mean_boxes(rest, test)
        held += [example(spine, "test") for spine in test]
    ours, theirs = (evaluate([FIELD], held, said)["discs"] for said in (found, prior))
    return figures_of(ours, theirs, time.monotonic() - began), notes_of(ours, theirs)


def read(labels: Path) -> list[Spine]:
    with labels.open() as file:
        rows = list(csv.DictReader(file))
    return [spine(row["source_id"], labels.parent / row["file"], row["boxes_yolo"]) for row in rows]


def spine(name: str, path: Path, told: str) -> Spine:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("L"))
    rows, columns = pixels.shape
    boxes = [
        [(x - w / 2) * columns, (y - h / 2) * rows, (x + w / 2) * columns, (y + h / 2) * rows]
        for _, x, y, w, h in json.loads(told)
    ]
    square = prepare(pixels, mirror=False, size=SETTINGS.size)
    return Spine(name, square, Place(name, 1, rows, columns), boxes)


def example(spine: Spine, split: str) -> Example:
    items = [{"image": spine.name, "frame": 1, "box": box} for box in spine.boxes]
    answers = {"discs": {"state": "answered", "value": items}}
    return Example(spine.name, spine.name, split, answers, "", (spine.place,))


def trained(rest: Sequence[Spine], test: Sequence[Spine]) -> list[dict[str, Any]]:
    """What a full run on the rest says of the fold."""
    examples = [example(spine, "tune" if n < TUNE else "train") for n, spine in enumerate(rest)]
    squares = np.stack([spine.square for spine in rest])
    with tempfile.TemporaryDirectory() as folder:
        model = train_full(
            [FIELD],
            examples,
            Images.single(squares, np.arange(len(rest))),
            SETTINGS,
            folder=Path(folder),
            report=lambda told: print(told["epoch"], told["loss"], told["tune"], flush=True),
        )
    return model.predict_places(
        np.stack([spine.square for spine in test]), [[spine.place] for spine in test]
    )


def mean_boxes(rest: Sequence[Spine], test: Sequence[Spine]) -> list[dict[str, Any]]:
    """The mean boxes of the rest at their mean places, each as sure as it would have been right there."""
    boxes = np.array([box for spine in rest for box in spine.boxes])
    discs = max(len(spine.boxes) for spine in rest)
    means = KMeans(discs, n_init=10, random_state=0).fit(boxes).cluster_centers_.tolist()
    sure = [
        float(np.mean([any(iou(mean, box) >= LEAST_IOU for box in one.boxes) for one in rest]))
        for mean in means
    ]
    return [{"discs": prior_of(spine, means, sure)} for spine in test]


def prior_of(spine: Spine, means: Sequence[Box], sure: Sequence[float]) -> dict[str, Any]:
    hits = [
        {"image": spine.name, "frame": 1, "box": mean, "score": score}
        for mean, score in zip(means, sure, strict=True)
    ]
    return {"kind": "boxes", "value": hits, "hits": hits}


def figures_of(ours: dict[str, Any], theirs: dict[str, Any], seconds: float) -> list[Figure]:
    prior = theirs["map50"]["value"]
    return [
        Figure("lumbar.map50", ours["map50"]["value"], f"≥ {2 * prior:.3f}", "twice the prior"),
        Figure("lumbar.map50_prior", prior, "", "the mean boxes of the training folds"),
        Figure("lumbar.sensitivity_05", ours["sensitivity_05"]["value"], "", "0.5 false a case"),
        Figure("lumbar.seconds", seconds, "", "four full runs and their predictions"),
    ]


def notes_of(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    def told(of: dict[str, Any]) -> str:
        return f"{of['value']:.3f} ({of['low']:.3f} to {of['high']:.3f})"

    points = "; ".join(
        f"{point['false_per_case']:g}: {told(point['sensitivity'])}" for point in ours["froc"]
    )
    return (
        f"{ours['n']} images of {ours['n_patients']} patients with {ours['items']} marked discs; 95 % intervals over "
        f"patients. mAP50 {told(ours['map50'])}, the mean boxes {told(theirs['map50'])}. Sensitivity by false hits an "
        f"image: {points}. Not every disc of an image is marked, so that some of the false hits are discs.\n"
    )
