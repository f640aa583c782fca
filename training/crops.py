"""The second stage of a form: squares cut about what its first stage has found (training/engine/staged.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.said import Said, part, said_by
from training import places
from training.dataset import Dataset
from training.engine.examples import Field, Slot
from training.engine.labels import collect
from training.engine.model import Model
from training.engine.pooling import Bags
from training.engine.staged import (
    Rule,
    Staged,
    Where,
    drawn_about,
    inner_fields,
    learned_sites,
    unrolled,
)
from training.pictures import Bag, Failures, Picture, Report, embeddings
from training.recipes.recipe import Recipe

Slots = dict[str, dict[str, Any]]


def learnable(
    rule: Rule, fields: Sequence[Field], model: Model, data: Dataset
) -> tuple[Rule | None, Said | None]:
    """The rule at the sites that the first stage finds; or None and why nothing is learned from crops yet."""
    own = learned_sites(rule, [slot.name for slot in model.dense_slots])
    if own is None:
        few = f"Nothing is learned from crops yet: too few cases show where ({rule.where})."
        return None, Said(few, "crops_unplaced", field=rule.where)
    examples = [example for *_, example in unrolled(own, fields, data.examples)]
    try:
        collect(inner_fields(fields, own), examples, {"train"})
    except ValueError as problem:
        nothing = f"Nothing is learned from crops yet: {problem}"
        return None, Said(nothing, "crops_unlearned", why=part(said_by(problem)))
    return own, None


def dataset(
    rule: Rule,
    fields: Sequence[Field],
    data: Dataset,
    model: Model,
    report: Report,
    *,
    seed: int,
    drawn: bool,
) -> Dataset:
    """What the second stage learns from: of train about what readers marked, and, where that is asked for, about others
    `drawn` near it; of tune, which calibrates, about what the model finds, as on every later case."""
    data = data.of("train", "tune")
    said = places.mark(model, data.bags, report)
    found = [
        rule.marked(example, of) if example.split == "train" else rule.found(of, example.places)
        for example, of in zip(data.examples, said, strict=True)
    ]
    examples, bags = [], []
    for n, site, example in unrolled(rule, fields, data.examples):
        where, bag = found[n][site], data.bags[n]
        every = [where]
        if drawn and example.split == "train":
            every += drawn_about(where, [seed, n, site])
        examples.append(example)
        bags.append(tuple(_picture(rule, bag, one) for one in every))
    return Dataset(examples, bags)


def cut(staged: Staged, bag: Bag, said: Mapping[str, Mapping[str, Any]]) -> Bag:
    """What the second stage reads of a case of which the first says this: one picture a site."""
    found = staged.rule.found(said, [picture.place for picture in bag])
    return tuple(_picture(staged.rule, bag, where) for where in found)


def read(
    staged: Staged, bag: Bag, said: Mapping[str, Mapping[str, Any]]
) -> dict[str, tuple[Slot[Recipe], Picture]]:
    """As `cut`, by slot of the form: what of the second stage answers it, and of which part of a picture."""
    parts = cut(staged, bag, said)
    return staged.by_slot(
        [{slot.name: (slot, one) for slot in staged.inner.slots} for one in parts]
    )


def answer(staged: Staged, rows: NDArray[np.float32], beside: Mapping[str, Any]) -> Slots:
    """The predictions for one case, of the embeddings of what `cut` gave and of what is known of its patient."""
    bags = replace(Bags.single(rows), beside=[beside] * len(rows))
    return staged.by_slot(staged.inner.predict_embeddings(bags))


def answers(
    model: Model,
    bags: Sequence[Bag],
    said: Sequence[Mapping[str, Mapping[str, Any]]],
    beside: Sequence[Mapping[str, Any]],
    report: Report,
    failures: Failures,
    *,
    apart: bool = False,
) -> list[Slots]:
    """For each case the predictions of the second stage; none of a case whose crops cannot be read."""
    staged = model.staged
    if staged is None:
        return [{} for _ in bags]
    assert staged.inner.encoder is not None
    wanted = [cut(staged, bag, of) for bag, of in zip(bags, said, strict=True)]
    every = [picture for one in wanted for picture in one]
    cache = embeddings(every, staged.inner.encoder, report, failures, apart=apart)
    return [
        answer(staged, cache.rows(keys), told) if not any(key in failures for key in keys) else {}
        for keys, told in zip(
            ([picture.key for picture in one] for one in wanted), beside, strict=True
        )
    ]


def _picture(rule: Rule, bag: Bag, where: Where) -> Picture:
    return replace(bag[where.picture], size=rule.size, crop=where.crop)
