"""A folder of phantom limbs, two views each, half of them broken, with the truth beside them."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import ComputedRadiographyImageStorage

from phantoms.dicom import (
    SHARE_OF_MONOCHROME1,
    Person,
    Visit,
    describe_radiograph,
    finish,
    new_dataset,
    phantom_uid,
    put_pixels,
)
from phantoms.limbs.limb import LIMBS, LimbPhantom, draw_limb

SHARE_BROKEN = 0.5
ONE_IN = 4  # broken limbs that were taken before they broke, too: a prior, of no truth of its own
TRUTH_FILE = "truth.json"
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class ViewTruth:
    """`box`: left, top, right, bottom in continuous pixels; None where the view does not show the break."""

    sop_instance_uid: str
    view_position: str
    file: str
    box: Box | None


@dataclass(frozen=True)
class LimbTruth:
    """One study of truth.json; bone and segment are "" where nothing is broken."""

    study_instance_uid: str
    patient_id: str
    laterality: str
    body_part: str
    present: bool
    bone: str
    segment: str
    displaced: bool
    views: tuple[ViewTruth, ...]


@dataclass(frozen=True)
class PlannedLimb:
    """A study that is to be drawn."""

    number: int
    limb: str
    laterality: str
    broken: bool
    seed: int
    earlier: bool  # taken before it broke, too


def write_limbs(
    folder: Path, *, cases: int = 60, seed: int = 1, spacing_mm: float = 0.2
) -> list[LimbTruth]:
    """Write `cases` studies of two DICOM files each, and truth.json; the same seed gives the same files.

    One in four broken limbs comes with a second, earlier study of it, whole, which is not in truth.json.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        planned = plan_limbs(cases=cases, seed=seed)
        rows = list(pool.map(lambda limb: _write_limb(folder, limb, spacing_mm), planned))
    text = json.dumps([asdict(row) for row in rows], indent=1)
    (folder / TRUTH_FILE).write_text(text + "\n")
    return rows


def read_truth(folder: Path) -> list[LimbTruth]:
    """What write_limbs wrote."""
    studies = json.loads((folder / TRUTH_FILE).read_text())
    return [LimbTruth(**study | {"views": tuple(map(_view, study["views"]))}) for study in studies]


def _view(view: dict[str, Any]) -> ViewTruth:
    return ViewTruth(**view | {"box": tuple(view["box"]) if view["box"] else None})


def plan_limbs(*, cases: int, seed: int) -> list[PlannedLimb]:
    """Which limb, which side and whether broken: limbs and breaks evenly mixed."""
    if cases < 1:
        raise ValueError(f"Cannot draw {cases} limbs: give cases >= 1.")
    rng = np.random.default_rng([seed, 3])
    names = sorted(LIMBS)
    broken = rng.permutation(cases) < round(cases * SHARE_BROKEN)
    return [
        PlannedLimb(
            number=number,
            limb=str(rng.choice(names)),
            laterality=str(rng.choice(["R", "L"])),
            broken=bool(broken[number]),
            seed=seed * 1_000_003 + number,
            earlier=bool(broken[number]) and int(broken[: number + 1].sum()) % ONE_IN == 0,
        )
        for number in range(cases)
    ]


def _write_limb(folder: Path, planned: PlannedLimb, spacing_mm: float) -> LimbTruth:
    person = np.random.default_rng([planned.seed, 5])
    patient_id = f"PHANTOM-F{planned.number + 1:04d}"
    who = Person(patient_id, str(person.choice(["F", "M"])), f"{int(person.integers(18, 88)):03d}Y")
    day = date(2016, 1, 4) + timedelta(days=int(person.integers(0, 2200)))
    if planned.earlier:
        before = day - timedelta(days=int(person.integers(60, 900)))
        _write_study(folder, replace(planned, broken=False), who, before, spacing_mm)
    phantom, study_uid, views = _write_study(folder, planned, who, day, spacing_mm)
    broken = phantom.broken
    return LimbTruth(
        study_instance_uid=study_uid,
        patient_id=patient_id,
        laterality=phantom.laterality,
        body_part=phantom.limb.body_part,
        present=broken is not None,
        bone=broken.bone if broken else "",
        segment=broken.segment if broken else "",
        displaced=bool(broken and broken.displaced),
        views=views,
    )


def _write_study(
    folder: Path, planned: PlannedLimb, who: Person, day: date, spacing_mm: float
) -> tuple[LimbPhantom, str, tuple[ViewTruth, ...]]:
    """Both views of one visit; of a limb that is to break later, the visit before."""
    phantom = draw_limb(
        limb=planned.limb,
        laterality=planned.laterality,
        broken=planned.broken,
        seed=planned.seed,
        spacing_mm=spacing_mm,
    )
    visit_name = "earlier" if planned.earlier and not planned.broken else "study"
    study_uid = phantom_uid(planned.seed, who.patient_id, visit_name)
    visit = Visit(study_uid, f"{phantom.limb.title} (synthetic phantom)", day)
    ending = "" if visit_name == "study" else "-earlier"
    views = []
    for number in range(len(phantom.views)):
        dataset = limb_dicom(phantom, number, who, visit, planned.seed)
        position = phantom.views[number].position
        name = f"limb-{planned.number + 1:04d}-{planned.laterality}-{position}{ending}.dcm"
        dataset.save_as(folder / name, enforce_file_format=True)
        uid = str(dataset.SOPInstanceUID)
        views.append(ViewTruth(uid, position, name, phantom.views[number].box))
    return phantom, str(study_uid), tuple(views)


def limb_dicom(
    phantom: LimbPhantom, number: int, person: Person, visit: Visit, seed: int
) -> Dataset:
    """View `number` (0 frontal, 1 lateral) as a radiograph, ready for `save_as(path, enforce_file_format=True)`."""
    view, limb = phantom.views[number], phantom.limb
    dataset = new_dataset(person, visit)
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = phantom_uid(visit.study_instance_uid, number, seed, "instance")
    dataset.SeriesInstanceUID = phantom_uid(visit.study_instance_uid, "series")
    dataset.SeriesNumber, dataset.InstanceNumber = 1, number + 1
    side = "right" if phantom.laterality == "R" else "left"
    dataset.SeriesDescription = f"{limb.title} {side}"
    dataset.ManufacturerModelName = limb.name.capitalize()
    describe_radiograph(
        dataset, limb.body_part, view.position, phantom.laterality, view.pixel_spacing_mm
    )
    inverted = np.random.default_rng([seed, number, 1]).random() < SHARE_OF_MONOCHROME1
    put_pixels(dataset, view.pixels, view.bits_stored, inverted=bool(inverted))
    return finish(dataset)
