"""From a frozen Snapshot to what the engine learns from: examples, with the pictures of each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.said import Said
from annotation import covariates
from annotation.images import pixel_hashes
from annotation.models import Snapshot
from training import leaks
from training.engine.examples import Example
from training.inputs import pictures
from training.pictures import Bag, Failures, Picture


class BadDataset(Exception):
    """The snapshot cannot be learned from as it stands. The message is one plain sentence (see accounts.said.said_by)."""


@dataclass(frozen=True)
class Dataset:
    examples: list[Example]
    bags: list[Bag]  # in the order of the examples

    @property
    def pictures(self) -> list[Picture]:
        """Of all cases, one after the other."""
        return [picture for bag in self.bags for picture in bag]

    @property
    def firsts(self) -> list[Picture]:
        """The first of each case."""
        return [bag[0] for bag in self.bags]

    @property
    def starts(self) -> NDArray[np.int64]:
        """(N + 1,): the pictures of case n are those from starts[n] to starts[n + 1]."""
        return np.cumsum([0, *map(len, self.bags)])

    def without(self, failures: Failures) -> "Dataset":
        """Only the pictures that could be read, and the examples that have one."""
        bags = [tuple(one for one in bag if one.key not in failures) for bag in self.bags]
        placed = [_placed(one, bag) for one, bag in zip(self.examples, bags, strict=True)]
        return Dataset(placed, bags)._where([bool(bag) for bag in bags], bags)

    def of(self, *splits: str) -> "Dataset":
        return self._where([example.split in splits for example in self.examples], self.bags)

    def _where(self, kept: Sequence[bool], bags: Sequence[Bag]) -> "Dataset":
        return Dataset(list(compress(self.examples, kept)), list(compress(bags, kept)))


def load(snapshot: Snapshot, training: Mapping[str, Any], beside: Collection[str] = ()) -> Dataset:
    """The examples of a snapshot, each with its picture turned to the side that its reference is of, and with the
    covariates named in `beside`.

    A case that had nothing to show when it was frozen (its images were held back) teaches nothing.

    Raises BadDataset when a case has no image, its pixels are not those that the snapshot froze, or one image stands on
    two sides of the split: under two patients' names, alone or among others, perhaps mirrored for one of them.
    """
    rows = list(snapshot.rows.exclude(pixel_hash="").select_related("case"))
    turned = {row.case_id: row.laterality for row in rows}
    found, hashes = pictures(turned, training, turned), pixel_hashes(list(turned))
    told = covariates.of_cases(turned, beside)
    examples: dict[str, Example] = {}
    kept: dict[str, Bag] = {}
    for row in rows:
        bag = found.get(row.case_id)
        if not bag:
            raise BadDataset(_no_image(row.case.name))
        if hashes[row.case_id] != row.pixel_hash:
            raise BadDataset(_other_images(row.case.name, snapshot.number))
        key = bag[0].key if len(bag) == 1 else f"{row.pixel_hash}-{bag[0].mirror}"
        if key not in examples:  # the same pixels twice on one side teach once
            example = Example(key, row.patient, row.split, row.answers, row.laterality)
            examples[key] = replace(_placed(example, bag), beside=told.get(row.case_id, {}))
            kept[key] = bag
    if leak := leaks.first((row, found[row.case_id]) for row in rows):
        row, other = leak
        raise BadDataset(_on_two_sides(row.case.name, row.split, other.split))
    return Dataset(list(examples.values()), list(kept.values()))


def _placed(example: Example, bag: Bag) -> Example:
    return replace(example, places=tuple(picture.place for picture in bag))


def _no_image(case: str) -> Said:
    sentence = f"Case {case} has no image; remove the case or its reads."
    return Said(sentence, "case_without_image", case=case)


def _other_images(case: str, snapshot: int) -> Said:
    sentence = f"The images of case {case} are not those that snapshot {snapshot} froze."
    return Said(sentence, "other_images_than_frozen", case=case, snapshot=snapshot)


def _on_two_sides(case: str, split: str, other: str) -> Said:
    return Said(
        f"The image of case {case} ({split}) stands in {other} as well: figures"
        " on the test would mean nothing. Remove one of the two cases or its read.",
        "image_in_two_splits",
        case=case,
        split=split,
        other=other,
    )
