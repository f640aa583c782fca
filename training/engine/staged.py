"""Locate, then grade: the box of one field says which part of an image another field is answered from.

A form's fields without `crop` are learned from whole images. Those with one are the second stage: a model of their own, held
within the first, that reads squares cut about what the first has found. Where boxes and answers are asked at the same
sites (every disc, both menisci), each site is an example and all of them share one head.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from torch import Tensor

from training.engine.examples import Example, Field
from training.engine.images import Crop
from training.recipes.place import Place

if TYPE_CHECKING:
    from training.engine.model import Model

Told = TypeVar("Told")
Item = Mapping[str, Any]
Said = Mapping[str, Mapping[str, Any]]  # by slot
MARGIN = 0.25  # of the longer side, on each side, where the form says nothing
LEAST_SIDE = 8  # pixels of the image
SLACK, DRIFT = (
    0.25,
    0.15,
)  # how much larger or smaller, and how far off of its side, a crop is drawn to learn from
DRAWN = 2  # such crops beside the one about the reader's own box


@dataclass(frozen=True)
class Rule:
    """How crops are made, as the fields say that are answered from them: of `where`, whose items are boxes or points."""

    where: str
    size: int  # of the prepared square
    margin: float = MARGIN
    mm: float | None = (
        None  # side of the crop about a point, or its share of the image's longer side
    )
    share: float | None = None
    sites: tuple[str, ...] = ()  # at which both are asked; none: one crop a case

    def about(self, item: Item, place: Place) -> Crop | None:
        """The square about an item of the image at `place`; None where its size is in mm and the pixels' is unknown."""
        if "box" in item:
            x1, y1, x2, y2 = item["box"]
            x, y, side = (x1 + x2) / 2, (y1 + y2) / 2, max(x2 - x1, y2 - y1) * (1 + 2 * self.margin)
        else:
            x, y = item["at"]
            side = self._side(place)
        return _square(x, y, side, place) if side else None

    def _side(self, place: Place) -> float:
        if self.share is not None:
            return self.share * max(place.rows, place.columns)
        return (self.mm or 0.0) / place.pixel_mm if place.pixel_mm else 0.0

    def located(self, items: Sequence[Item], places: Sequence[Place]) -> "Where":
        """About the first of the items that lies on one of the pictures; whole where there is none."""
        at = {name: number for number, place in enumerate(places) for name in place.names}
        for item in items:
            picture = at.get((item["image"], item["frame"]))
            if picture is not None:
                return Where(picture, self.about(item, places[picture]))
        return WHOLE

    def slots(self) -> list[tuple[str, str]]:
        """Of each site, or once: its name, and the slot that locates it."""
        return [(site, f"{self.where}@{site}") for site in self.sites] or [("", self.where)]

    def found(self, said: Said, places: Sequence[Place]) -> list["Where"]:
        """Of each site about the surest hit of what the first stage says, faint as it may be: the question is asked of
        what is there."""
        return [
            self.located(said.get(slot, {}).get("hits", []), places) for _, slot in self.slots()
        ]

    def marked(self, example: Example, said: Said) -> list["Where"]:
        """As found, but about a reader's largest item where he has marked one."""
        found = self.found(said, example.places)
        for number, (_, slot) in enumerate(self.slots()):
            own = self.located(_largest_first(example.answers.get(slot)), example.places)
            found[number] = own if own.crop else found[number]
        return found


class Where(NamedTuple):
    """Which picture of a case is read, and what part of it: None for all."""

    picture: int
    crop: Crop | None


WHOLE = Where(0, None)


def _square(x: float, y: float, side: float, place: Place) -> Crop:
    whole = int(np.clip(round(side), LEAST_SIDE, 2 * max(place.rows, place.columns)))
    return Crop(round(x - whole / 2), round(y - whole / 2), whole)


def _largest_first(answer: Mapping[str, Any] | None) -> list[Item]:
    """A reader's items; points in his order."""

    def area(item: Item) -> float:
        x1, y1, x2, y2 = item.get("box", (0, 0, 0, 0))
        return float((x2 - x1) * (y2 - y1))

    value = (answer or {}).get("value") or []
    return sorted(value, key=area, reverse=True)


def rule_of(fields: Sequence[Field], size: int) -> Rule | None:
    """That of a form, whose crops are all alike (annotation/learning.py); size: of its other pictures."""
    cropped = next((field for field in fields if "crop" in field), None)
    if cropped is None:
        return None
    told = dict(cropped["crop"])
    where = next(field for field in fields if field["key"] == told["field"])
    return Rule(
        where=told.pop("field"),
        sites=tuple(where.get("sites") or ()),
        **{"size": size, **told},
    )


def learned_sites(rule: Rule, slots: Collection[str]) -> Rule | None:
    """The rule at the sites whose locating slots are among those learned; None where there is none."""
    if not rule.sites:
        return rule if rule.where in slots else None
    sites = tuple(site for site, slot in rule.slots() if slot in slots)
    return replace(rule, sites=sites) if sites else None


def inner_fields(fields: Sequence[Field], rule: Rule) -> list[Field]:
    """What the second stage asks of a crop: of each site the same."""
    dropped = {"crop", "when", *(["sites"] if rule.sites else [])}
    return [
        {key: part for key, part in field.items() if key not in dropped}
        for field in fields
        if "crop" in field
    ]


def unrolled(
    rule: Rule, fields: Sequence[Field], examples: Sequence[Example]
) -> Iterator[tuple[int, int, Example]]:
    """Examples of the second stage, each with the number of its own one and of its site."""
    cropped = [field["key"] for field in fields if "crop" in field]
    for n, example in enumerate(examples):
        for number, (site, _) in enumerate(rule.slots()):
            told = example.answers
            if site:
                told = {key: told[f"{key}@{site}"] for key in cropped if f"{key}@{site}" in told}
            key = f"{example.key}@{site}" if site else example.key
            yield n, number, replace(example, key=key, answers=told, places=())


def drawn_about(where: Where, seed: Sequence[int]) -> list[Where]:
    """Others like one about a reader's item: a model's own lie now a little beside, are larger or smaller."""
    if where.crop is None:
        return []
    left, top, whole = where.crop
    rng, found = np.random.default_rng(list(seed)), []
    for _ in range(DRAWN):
        side = max(LEAST_SIDE, round(whole * float(rng.uniform(1 - SLACK, 1 + SLACK))))
        x, y = (whole * rng.uniform(-DRIFT, DRIFT, 2) + (whole - side) / 2).round().astype(int)
        found.append(where._replace(crop=Crop(left + int(x), top + int(y), side)))
    return found


@dataclass(frozen=True)
class Staged:
    """The second stage of a model: `names` are the slots that it answers, of the whole form."""

    rule: Rule
    inner: "Model"
    names: tuple[str, ...]

    @classmethod
    def of(cls, rule: Rule, inner: "Model") -> "Staged":
        sites = [f"@{site}" if site else "" for site, _ in rule.slots()]
        return cls(rule, inner, tuple(slot.name + site for slot in inner.slots for site in sites))

    @property
    def locators(self) -> set[str]:
        """The slots of places that crops are cut about."""
        return {slot for _, slot in self.rule.slots()}

    def by_slot(self, said: Sequence[Mapping[str, Told]]) -> dict[str, Told]:
        """What is said of the crops of one case, one a site, by slot of the form."""
        found = {
            f"{slot}@{site}" if site else slot: of
            for (site, _), one in zip(self.rule.slots(), said, strict=True)
            for slot, of in one.items()
        }
        return {name: of for name, of in found.items() if name in self.names}

    def without(self, names: Collection[str]) -> "Staged | None":
        left = tuple(name for name in self.names if name not in names)
        return replace(self, names=left) if left else None

    def tensors(self, beside: str) -> dict[str, Tensor]:
        """beside: the encoder (SHA-256) that is stored anyway."""
        shared = self.inner.encoder_sha256 == beside
        return {
            f"staged.{key}": tensor
            for key, tensor in self.inner.tensors().items()
            if not (shared and key.startswith("encoder."))
        }

    def metadata(self) -> dict[str, Any]:
        return {
            "rule": asdict(self.rule),
            "names": list(self.names),
            "model": self.inner.metadata(),
        }
