"""From a frozen Snapshot to what the engine learns from: examples, with the pictures of each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from accounts.said import Said
from annotation import covariates
from annotation.images import pixel_hashes
from annotation.models import Snapshot
from training import leaks
from training.engine.examples import SPLITS, Example
from training.inputs import pictures
from training.pictures import Bag, Failures, Picture

Plane = tuple[str, int]  # an image by its pixels' hash, and a frame of it


class BadDataset(Exception):
    """The snapshot cannot be learned from as it stands. The message is one plain sentence (see accounts.said.said_by)."""


OTHERWISE = Said(
    "The current version reads other images of a test case than the new one, and they cannot be read: the two cannot be"
    " compared. Replace the images or remove the read.",
    "test_image_of_current_unreadable",
)


@dataclass(frozen=True)
class Dataset:
    examples: list[Example]
    bags: list[Bag]  # in the order of the examples
    # Cases that were left out: for the pixels of another one, with other answers than that; of the test, for pixels that
    # a version before has learned from.
    differing: int = 0
    learned_before: int = 0

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

    def read_as(self, training: Mapping[str, Any], unread: Collection[Plane] = ()) -> "Dataset":
        """The same examples with the pictures that a model reads which was trained with these settings, but for those
        that cannot be read. Raises BadDataset where a case has no other."""
        sides = {
            bag[0].case: one.laterality for one, bag in zip(self.examples, self.bags, strict=True)
        }
        found = pictures(sides, training, sides)
        bags = [
            tuple(one for one in found[bag[0].case] if (one.pixel_hash, one.frame) not in unread)
            for bag in self.bags
        ]
        if not all(bags):
            raise BadDataset(OTHERWISE)
        placed = [_placed(one, bag) for one, bag in zip(self.examples, bags, strict=True)]
        return Dataset(placed, bags)

    def of(self, *splits: str) -> "Dataset":
        return self._where([example.split in splits for example in self.examples], self.bags)

    def _where(self, kept: Sequence[bool], bags: Sequence[Bag]) -> "Dataset":
        return Dataset(list(compress(self.examples, kept)), list(compress(bags, kept)))


def load(snapshot: Snapshot, training: Mapping[str, Any], beside: Collection[str] = ()) -> Dataset:
    """The examples of a snapshot, each with its picture turned to the side that its reference is of, and with the
    covariates named in `beside`.

    A case that had nothing to show when it was frozen (its images were held back) teaches nothing, and one of the test
    whose pixels a version before has learned from, as another patient's, tests nothing.

    Raises BadDataset when a case has no image, its pixels are not those that the snapshot froze, or one image stands on
    two sides of the split: under two patients' names, alone or among others, perhaps mirrored for one of them.
    """
    learned = leaks.learned_before(snapshot)
    shown = snapshot.rows.exclude(pixel_hash="").select_related("case")
    rows = [row for row in shown if row.case_id not in learned]
    turned = {row.case_id: row.laterality for row in rows}
    found, hashes = pictures(turned, training, turned), pixel_hashes(list(turned))
    told = covariates.of_cases(turned, beside)
    examples: dict[str, Example] = {}
    kept: dict[str, Bag] = {}
    differing = 0
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
        else:
            differing += examples[key].answers != row.answers
    if leak := leaks.first((row, found[row.case_id]) for row in rows):
        row, other = leak
        raise BadDataset(_on_two_sides(row.case.name, row.split, other.split))
    return Dataset(list(examples.values()), list(kept.values()), differing, len(learned))


class Missing(NamedTuple):
    """What of a dataset is not learned from or judged on, and why."""

    unread: dict[str, int]  # cases by split: none of their images can be read
    differing: int
    learned_before: int
    planes: set[Plane]  # that cannot be read

    def told(self) -> dict[str, Any]:
        """As a card keeps it."""
        return {
            "unread": self.unread,
            "differing": self.differing,
            "learned_before": self.learned_before,
        }

    def sentences(self) -> Iterator[Said]:
        if cases := sum(self.unread.values()):
            test = self.unread["test"]
            yield Said(
                f"Cases that cannot be read and are left out: {cases}, {test} of them of the locked test.",
                "cases_unread",
                cases=cases,
                test=test,
            )
        if self.differing:
            yield Said(
                f"Cases with the pixels of another one and other answers: {self.differing}; the first of them counts.",
                "same_pixels_other_answers",
                cases=self.differing,
            )
        if self.learned_before:
            yield Said(
                "Cases of the locked test that are left out, for an earlier version has learned from their pixels as"
                f" another patient's: {self.learned_before}.",
                "test_learned_before",
                cases=self.learned_before,
            )


def missing(data: Dataset, failures: Failures) -> Missing:
    unread = dict.fromkeys(SPLITS, 0)
    for example, bag in zip(data.examples, data.bags, strict=True):
        unread[example.split] += all(one.key in failures for one in bag)
    planes = {(one.pixel_hash, one.frame) for one in data.pictures if one.key in failures}
    return Missing(unread, data.differing, data.learned_before, planes)


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
