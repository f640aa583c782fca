"""A folder of phantom knee MR studies, three stacks each, some torn, with the truth beside them."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from phantoms.dicom import Person, Visit, phantom_uid
from phantoms.mr.dicom import slice_dicom
from phantoms.mr.knee import KneeMRPhantom, Place, draw_knee_mr

SHARE_MENISCUS, SHARE_ACL = 0.5, 0.3
TRUTH_FILE = "truth.json"


@dataclass(frozen=True)
class PlaceTruth:
    """Where a stack shows a tear: first and last slice, and the box on one of them, in continuous pixels."""

    plane: str
    first: str  # SOP Instance UIDs
    last: str
    image: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class KneeMRTruth:
    """One study of truth.json. meniscus: medial, lateral or ""; zone and type as in phantoms.mr.tears; acl: complete or ""."""

    study_instance_uid: str
    patient_id: str
    laterality: str
    meniscus: str
    zone: str
    type: str
    acl: str
    degeneration: tuple[str, ...]  # menisci with signal inside that does not reach a surface
    meniscus_places: tuple[PlaceTruth, ...]
    acl_places: tuple[PlaceTruth, ...]


@dataclass(frozen=True)
class PlannedKneeMR:
    """A study that is to be drawn."""

    number: int
    laterality: str
    meniscus: bool
    acl: bool
    seed: int


def write_knees_mr(folder: Path, *, cases: int = 12, seed: int = 1) -> list[KneeMRTruth]:
    """Write `cases` studies, a folder of DICOM slices each, and truth.json; the same seed gives the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        planned = plan_knees_mr(cases=cases, seed=seed)
        rows = list(pool.map(lambda knee: _write_knee(folder, knee), planned))
    text = json.dumps([asdict(row) for row in rows], indent=1)
    (folder / TRUTH_FILE).write_text(text + "\n")
    return rows


def read_truth(folder: Path) -> list[KneeMRTruth]:
    """What write_knees_mr wrote."""
    return [_truth(study) for study in json.loads((folder / TRUTH_FILE).read_text())]


def plan_knees_mr(*, cases: int, seed: int) -> list[PlannedKneeMR]:
    """Which knees are torn where. Raises ValueError for fewer than one case."""
    if cases < 1:
        raise ValueError(f"Cannot draw {cases} knees: give cases >= 1.")
    rng = np.random.default_rng([seed, 4])
    meniscus = rng.permutation(cases) < round(cases * SHARE_MENISCUS)
    acl = rng.permutation(cases) < round(cases * SHARE_ACL)
    return [
        PlannedKneeMR(
            number=number,
            laterality=str(rng.choice(["R", "L"])),
            meniscus=bool(meniscus[number]),
            acl=bool(acl[number]),
            seed=seed * 1_000_003 + number,
        )
        for number in range(cases)
    ]


def _write_knee(folder: Path, planned: PlannedKneeMR) -> KneeMRTruth:
    phantom = draw_knee_mr(
        laterality=planned.laterality, meniscus=planned.meniscus, acl=planned.acl, seed=planned.seed
    )
    rng = np.random.default_rng([planned.seed, 5])
    patient_id = f"PHANTOM-M{planned.number + 1:04d}"
    person = Person(patient_id, str(rng.choice(["F", "M"])), f"{int(rng.integers(16, 70)):03d}Y")
    day = date(2016, 1, 4) + timedelta(days=int(rng.integers(0, 2200)))
    study_uid = str(phantom_uid(planned.seed, patient_id, "study"))
    visit = Visit(study_uid, "Knee MR (synthetic phantom)", day)
    place = folder / f"knee-mr-{planned.number + 1:04d}-{planned.laterality}"
    place.mkdir(exist_ok=True)
    uids: list[list[str]] = []
    for number, stack in enumerate(phantom.stacks):
        uids.append([])
        for at in range(len(stack.pixels)):
            dataset = slice_dicom(phantom, number, at, person, visit)
            name = f"{stack.stack.plane.name}-{at + 1:02d}.dcm"
            dataset.save_as(place / name, enforce_file_format=True)
            uids[-1].append(str(dataset.SOPInstanceUID))
    return _told(phantom, study_uid, patient_id, uids)


def _told(
    phantom: KneeMRPhantom, study_uid: str, patient_id: str, uids: list[list[str]]
) -> KneeMRTruth:
    tear = phantom.tears.meniscus

    def places(name: str) -> tuple[PlaceTruth, ...]:
        return tuple(
            _place(stack.stack.plane.name, stack.places[name], of_stack)
            for stack, of_stack in zip(phantom.stacks, uids, strict=True)
            if name in stack.places
        )

    return KneeMRTruth(
        study_instance_uid=study_uid,
        patient_id=patient_id,
        laterality=phantom.laterality,
        meniscus=tear.meniscus if tear else "",
        zone=tear.zone if tear else "",
        type=tear.type if tear else "",
        acl="complete" if phantom.tears.acl else "",
        degeneration=tuple(side for side, much in phantom.tears.degeneration.items() if much),
        meniscus_places=places("meniscus"),
        acl_places=places("acl"),
    )


def _place(plane: str, place: Place, uids: list[str]) -> PlaceTruth:
    return PlaceTruth(plane, uids[place.first], uids[place.last], uids[place.best], place.box)


def _truth(study: dict[str, Any]) -> KneeMRTruth:
    places = {
        name: tuple(PlaceTruth(**place | {"box": tuple(place["box"])}) for place in study[name])
        for name in ("meniscus_places", "acl_places")
    }
    return KneeMRTruth(**study | places | {"degeneration": tuple(study["degeneration"])})
