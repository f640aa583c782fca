"""Fractures in 400 phantom limbs and tears in 200 phantom MR studies, through the engine itself; and on shuffled answers.

Each case asks whether there is a finding and where. The answers of the same cases shuffled must teach nothing: what the
figures say then comes from the pictures. OSTEON_BENCH_PHANTOMS="40,16" tries both with fewer cases.
"""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from phantoms.limbs.cohort import PlannedLimb, plan_limbs
from phantoms.limbs.limb import draw_limb
from phantoms.mr.cohort import PlannedKneeMR, plan_knees_mr
from phantoms.mr.knee import StackPhantom, draw_knee_mr
from phantoms.mr.stack import SAGITTAL
from tests.benchmarks.chance import shuffled
from tests.benchmarks.figures import Figure, told
from tests.benchmarks.templates import THREADS, settings_of
from training.engine.batches import Images
from training.engine.evaluate import evaluate
from training.engine.examples import Example
from training.engine.full import train_full
from training.engine.images import prepare
from training.engine.model import Model
from training.engine.pooling import Bags
from training.engine.settings import Settings
from training.recipes.place import Place

LIMBS, KNEES = map(int, os.environ.get("OSTEON_BENCH_PHANTOMS", "400,200").split(","))
TEST, TUNE = 0.3, 0.1  # of the cases; the rest is learned from
SEED = 20  # not the demo's: these phantoms are nobody else's
READ = 24  # slices of a stack
FIELDS: list[dict[str, Any]] = [
    {"key": "finding", "kind": "presence", "label": "Finding", "sites": []},
    {
        "key": "where",
        "kind": "boxes",
        "label": "Where",
        "sites": [],
        "when": {"field": "finding", "is": ["present"]},
    },
]
# as long as there is an evening for
FRACTURES = settings_of("fracture-radiograph", epochs=40, patience=40)
TEARS = settings_of("knee-tears-mr", epochs=40, patience=40)
Boxes = list[dict[str, Any]]
T = TypeVar("T")


class Case(NamedTuple):
    name: str
    squares: NDArray[np.uint8]  # (P, S, S)
    places: tuple[Place, ...]
    boxes: Boxes


def measure() -> tuple[list[Figure], str]:
    figures, notes = [], ""
    for name, draw, settings in (("fracture", limbs, FRACTURES), ("tear", knees, TEARS)):
        began = time.monotonic()
        cases = draw(settings.size)
        drawn = time.monotonic() - began
        true = judged(cases, settings, shuffle=False)
        print(notes_of(name, len(cases), drawn, true), flush=True)
        by_chance = judged(cases, settings, shuffle=True)
        print(shuffled_of(by_chance), flush=True)
        figures += figures_of(name, true, by_chance, time.monotonic() - began)
        notes += notes_of(name, len(cases), drawn, true) + shuffled_of(by_chance)
    return figures, notes


def limbs(size: int) -> list[Case]:
    def draw(planned: PlannedLimb) -> Case:
        phantom = draw_limb(
            limb=planned.limb,
            laterality=planned.laterality,
            broken=planned.broken,
            seed=planned.seed,
            spacing_mm=0.3,
        )
        name, mirror = f"limb-{planned.number}", planned.laterality == "L"
        squares, places, boxes = [], [], []
        for number, view in enumerate(phantom.views):
            squares.append(prepare(view.pixels, mirror=mirror, size=size))
            image = f"{name}-{number}"
            places.append(Place(image, 1, len(view.pixels), len(view.pixels[0]), mirror))
            if view.box:
                boxes.append({"image": image, "frame": 1, "box": list(view.box)})
        return Case(name, np.stack(squares), tuple(places), boxes)

    return drawn_by(draw, plan_limbs(cases=LIMBS, seed=SEED))


def knees(size: int) -> list[Case]:
    def draw(planned: PlannedKneeMR) -> Case:
        phantom = draw_knee_mr(
            laterality=planned.laterality,
            meniscus=planned.meniscus,
            acl=planned.acl,
            seed=planned.seed,
        )
        name, mirror = f"knee-{planned.number}", planned.laterality == "L"
        parts = [
            stack_of(f"{name}-{number}", stack, size, mirror=mirror)
            for number, stack in enumerate(phantom.stacks)
        ]
        squares, places, boxes = zip(*parts, strict=True)
        return Case(name, np.concatenate(squares), tuple(chain(*places)), list(chain(*boxes)))

    return drawn_by(draw, plan_knees_mr(cases=KNEES, seed=SEED))


def stack_of(
    name: str, stack: StackPhantom, size: int, *, mirror: bool
) -> tuple[NDArray[np.uint8], tuple[Place, ...], Boxes]:
    """So many of its slices as a model reads, and its tears on those. As in training/pictures.py a sagittal one has no
    side."""
    rows, columns = stack.pixels.shape[1:]
    sagittal = stack.stack.plane is SAGITTAL
    mirror = mirror and not sagittal
    at = np.unique(np.linspace(0, len(stack.pixels) - 1, READ).round().astype(int)).tolist()
    nearest = {n: min(at, key=lambda read: abs(read - n)) for n in range(len(stack.pixels))}
    squares = np.stack([prepare(stack.pixels[n], mirror=mirror, size=size) for n in at])
    places = tuple(
        Place(
            f"{name}-{n}",
            1,
            rows,
            columns,
            mirror,
            name,
            None,
            tuple((f"{name}-{other}", 1) for other, to in nearest.items() if to == n != other),
            sagittal,
        )
        for n in at
    )
    boxes = [
        {
            "image": f"{name}-{place.best}",
            "frame": 1,
            "box": list(place.box),
            "extent": {
                "first": {"image": f"{name}-{place.first}", "frame": 1},
                "last": {"image": f"{name}-{place.last}", "frame": 1},
            },
        }
        for place in stack.places.values()
    ]
    return squares, places, boxes


def drawn_by(draw: Callable[[T], Case], plan: Sequence[T]) -> list[Case]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(draw, plan))


def judged(cases: Sequence[Case], settings: Settings, *, shuffle: bool) -> dict[str, Any]:
    """Figures of the held-out cases by field; `shuffle`: each case learned from gets another one's answer."""
    splits = splits_of(len(cases))
    learned = [n for n, split in enumerate(splits) if split != "test"]
    whose = dict(zip(learned, learned, strict=True))
    if shuffle:
        found, of = [bool(cases[n].boxes) for n in learned], [splits[n] for n in learned]
        whose = {n: learned[at] for n, at in zip(learned, shuffled(found, of, SEED), strict=True)}
    examples = [example(cases[n], cases[whose[n]], splits[n]) for n in learned]
    test = [n for n, split in enumerate(splits) if split == "test"]
    with tempfile.TemporaryDirectory() as folder:
        model = train_full(
            FIELDS,
            examples,
            images_of([cases[n] for n in learned]),
            settings,
            folder=Path(folder),
            report=Epochs(),
        )
    held = [example(cases[n], cases[n], "test") for n in test]
    return evaluate(FIELDS, held, [said_of(model, cases[n]) for n in test])


class Epochs:
    """Prints a line an epoch."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self, told: dict[str, Any]) -> None:
        if told["epoch"] > self.told and told["tune"]:
            self.told = told["epoch"]
            print(
                f"epoch {told['epoch']}: loss {told['loss']:.3f}, tune {told['tune']}", flush=True
            )


def splits_of(cases: int) -> list[str]:
    order = np.random.default_rng(SEED).permutation(cases) / cases
    return ["test" if at < TEST else "tune" if at < TEST + TUNE else "train" for at in order]


def example(case: Case, answered: Case, split: str) -> Example:
    """`answered`: whose finding is taken for this case's, with its boxes on the pictures of the same number."""
    names = {
        theirs.image: ours.image
        for ours, theirs in zip(case.places, answered.places, strict=False)
        if theirs.image != ours.image
    }
    boxes = answered.boxes if case is answered else [renamed(box, names) for box in answered.boxes]
    answers: dict[str, dict[str, Any]] = {
        "finding": {"state": "answered", "value": "present" if answered.boxes else "absent"},
        "where": {"state": "answered", "value": boxes},
    }
    return Example(case.name, case.name, split, answers, "", case.places)


def renamed(box: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Without an extent: its ends may be slices that are not read."""
    return {"image": names.get(box["image"], box["image"]), "frame": 1, "box": box["box"]}


def images_of(cases: Sequence[Case]) -> Images:
    squares = np.concatenate([case.squares for case in cases])
    starts = np.cumsum([0, *(len(case.squares) for case in cases)])
    return Images(squares, np.arange(len(squares)), starts)


def said_of(model: Model, case: Case) -> dict[str, Any]:
    marked = model.predict_places(case.squares, [case.places])
    [said] = model.answer(Bags.of([model.embed(case.squares)]), marked)
    return said


def figures_of(
    name: str, true: dict[str, Any], by_chance: dict[str, Any], seconds: float
) -> list[Figure]:
    chance = by_chance["finding"]["auc"]
    return [
        Figure(f"phantoms.{name}_auc", true["finding"]["auc"]["value"], "≥ 0.95", "phantoms"),
        Figure(
            f"phantoms.{name}_sens_05",
            true["where"]["sensitivity_05"]["value"],
            "≥ 0.9",
            "found at 0.5 false marks a case",
        ),
        Figure(
            f"phantoms.{name}_shuffled_off",
            max(0.0, chance["low"] - 0.5, 0.5 - chance["high"]),
            "≤ 0",
            f"how far 0.5 lies outside of the interval of the AUC on shuffled answers, {chance['value']:.2f}",
        ),
        Figure(f"phantoms.{name}_seconds", seconds, "", "drawing, two full runs, predictions"),
    ]


def notes_of(name: str, cases: int, drawn: float, true: dict[str, Any]) -> str:
    points = "; ".join(
        f"{point['false_per_case']:g}: {told(point['sensitivity'])}"
        for point in true["where"]["froc"]
    )
    return (
        f"{name}: {cases} phantoms, drawn in {drawn:.0f} s, {true['finding']['n']} of them held out; 95 % intervals over "
        f"them. AUC {told(true['finding']['auc'])}; mAP50 {told(true['where']['map50'])}; found by false marks a case: "
        f"{points}. "
    )


def shuffled_of(by_chance: dict[str, Any]) -> str:
    return (
        f"Shuffled: AUC {told(by_chance['finding']['auc'])}, mAP50 "
        f"{told(by_chance['where']['map50'])}.\n\n"
    )
