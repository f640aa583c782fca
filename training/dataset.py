"""From a frozen Snapshot to what the engine learns from: examples, with a picture for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.models import Snapshot
from training.engine.examples import Example
from training.pictures import Failures, Picture, pictures


class BadDataset(Exception):
    """The snapshot cannot be learned from as it stands. The message is one plain sentence."""


@dataclass(frozen=True)
class Dataset:
    examples: list[Example]
    pictures: list[Picture]  # in the order of the examples

    def without(self, failures: Failures) -> "Dataset":
        """Only the examples whose picture could be read."""
        kept = [
            (example, picture)
            for example, picture in zip(self.examples, self.pictures, strict=True)
            if picture.key not in failures
        ]
        return Dataset([example for example, _ in kept], [picture for _, picture in kept])

    def of(self, *splits: str) -> "Dataset":
        kept = [
            (example, picture)
            for example, picture in zip(self.examples, self.pictures, strict=True)
            if example.split in splits
        ]
        return Dataset([example for example, _ in kept], [picture for _, picture in kept])


def load(snapshot: Snapshot, training: Mapping[str, Any]) -> Dataset:
    """The examples of a snapshot, each with its picture turned to the side that its reference is of.

    A case that had nothing to show when it was frozen (its images were held back) teaches nothing.

    Raises BadDataset when a case has no image, its pixels are not those that the snapshot froze, or one image stands on
    two sides of the split: under two patients' names, perhaps mirrored for one of them.
    """
    rows = list(snapshot.rows.exclude(pixel_hash="").select_related("case"))
    turned = {row.case_id: row.laterality for row in rows}
    found = pictures(turned, training, turned)
    examples: dict[str, Example] = {}
    kept: dict[str, Picture] = {}
    sides: dict[str, str] = {}
    for row in rows:
        picture = found.get(row.case_id)
        if picture is None:
            raise BadDataset(f"Case {row.case.name} has no image; remove the case or its reads.")
        if picture.pixel_hash != row.pixel_hash:
            raise BadDataset(
                f"The image of case {row.case.name} is not the one that snapshot {snapshot.number} froze."
            )
        if sides.setdefault(picture.pixel_hash, row.split) != row.split:
            raise BadDataset(
                f"The image of case {row.case.name} ({row.split}) stands in {sides[picture.pixel_hash]} as well: figures"
                " on the test would mean nothing. Remove one of the two cases or its read."
            )
        if picture.key not in examples:  # the same pixels twice on one side teach once
            examples[picture.key] = Example(
                picture.key, row.patient, row.split, row.answers, row.laterality
            )
            kept[picture.key] = picture
    return Dataset(list(examples.values()), list(kept.values()))
