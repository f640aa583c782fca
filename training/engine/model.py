"""A trained model: encoder, pooling, a linear head for each slot, their calibration, and the form they answer."""

import copy
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save

from training.engine.covariates import Covariates, beside
from training.engine.dense.seeing import Dense
from training.engine.encoder import Encoder
from training.engine.evidence import Evidence, Marked, bearing_on, fitted, strength_of
from training.engine.examples import Example, Field, Slot, dense_slots, whole_slots
from training.engine.images import PREPARATION
from training.engine.model_file import FORMAT, dense_in, metadata_in, part_of, pooling_in
from training.engine.pooling import Bags, Mean, Pooling, as_bags, pooled_for
from training.engine.staged import Rule, Staged
from training.engine.trouble import NOT_FINITE, Trouble
from training.networks.weights import encoder_bytes, read_checked
from training.recipes.dense import DenseRecipe
from training.recipes.place import Place
from training.recipes.recipe import Recipe
from training.recipes.statistics import Floats
from training.storing import store

Prediction = dict[str, Any]


@dataclass(frozen=True)
class Head:
    """Linear layer on raw embeddings and, beside them, the columns of the covariates: weight (outputs, width), bias
    (outputs,), and the recipe's calibration."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    calibration: Mapping[str, Any]


class Model:
    """Predicts every slot that it has a head for. `encoder` is None where only embeddings were at hand."""

    def __init__(
        self,
        fields: Sequence[Field],
        heads: Mapping[str, Head],
        *,
        encoder: Encoder | None = None,
        encoder_name: str = "efficientnet_lite0",
        encoder_sha256: str = "",
        size: int = 224,
        preparation: str = PREPARATION,
        pooling: Pooling | None = None,
        dense: Dense | None = None,
        covariates: Covariates | None = None,
        staged: Staged | None = None,
        reading: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Evidence] | None = None,
        silent: Collection[str] = (),
    ) -> None:
        self.fields, self.heads, self.encoder = list(fields), dict(heads), encoder
        self.encoder_name = encoder.name if encoder else encoder_name
        self.encoder_sha256 = encoder.sha256 if encoder else encoder_sha256
        self.size, self.preparation = size, preparation
        self.pooling = pooling or Mean()
        self.dense, self.staged = dense, staged
        # which images of a case it reads and how, as its form said; None of models of before that was kept
        self.reading = reading
        self.covariates = covariates or Covariates()
        # by slot; and the slots of places that it looks for and does not answer
        self.evidence, self.silent = dict(evidence or {}), frozenset(silent)
        self.slots = [slot for slot in whole_slots(fields) if slot.name in self.heads]
        placed = dense.heads if dense is not None else {}
        self.dense_slots = [slot for slot in dense_slots(fields) if slot.name in placed]
        learned = {slot.name for slot in [*self.slots, *self.dense_slots]}
        if learned != {*self.heads, *placed}:
            raise ValueError("The model's heads do not belong to its form.")

    def with_staged(self, staged: Staged) -> "Model":
        """The same model with a second stage."""
        found = copy.copy(self)
        found.staged = staged
        return found

    def reading_as(self, reading: Mapping[str, Any]) -> "Model":
        """The same model, which reads cases so (training/reading.py)."""
        found = copy.copy(self)
        found.reading = reading
        return found

    @property
    def answered_places(self) -> list[Slot[DenseRecipe]]:
        return [slot for slot in self.dense_slots if slot.name not in self.silent]

    @property
    def weighable(self) -> bool:
        """Whether a slot might weigh as evidence what is marked."""
        return any(bearing_on(slot, self.dense_slots) is not None for slot in self.slots)

    def with_evidence(
        self, outputs: Mapping[str, Floats], marked: Sequence[Marked], examples: Sequence[Example]
    ) -> "Model":
        """The same model, which weighs its marks where that foretells these cases of the split tune better: its outputs of
        them (`logits`) and what it marks on them."""
        found = copy.copy(self)
        found.evidence = {
            slot.name: weighed
            for slot in self.slots
            if slot.name in outputs
            and (weighed := fitted(slot, self.dense_slots, outputs[slot.name], marked, examples))
        }
        return found

    def with_heads_of(self, other: "Model", names: Collection[str]) -> "Model":
        """The same model, which answers these slots as the other one does."""
        found = copy.copy(self)
        found.heads = self.heads | {name: other.heads[name] for name in names}
        weighed = {name: of for name, of in other.evidence.items() if name in names}
        found.evidence = self.evidence | weighed
        return found

    def without(self, names: Collection[str]) -> "Model":
        """The same model, which does not answer these slots. It still looks for places that are evidence of others, or that
        crops are cut about."""
        evidence = {name: of for name, of in self.evidence.items() if name not in names}
        staged = self.staged.without(names) if self.staged is not None else None
        leaned_on = {place for of in evidence.values() for place in of.places}
        leaned_on |= staged.locators if staged is not None else set()
        unanswered = {*names, *self.silent}
        silent = unanswered & leaned_on
        names = unanswered - silent
        return Model(
            self.fields,
            {name: head for name, head in self.heads.items() if name not in names},
            encoder=self.encoder,
            encoder_name=self.encoder_name,
            encoder_sha256=self.encoder_sha256,
            size=self.size,
            preparation=self.preparation,
            pooling=self.pooling,
            dense=self.dense.without(names) if self.dense is not None else None,
            covariates=self.covariates,
            staged=staged,
            reading=self.reading,
            evidence=evidence,
            silent=silent,
        )

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Prepared images (N, S, S) to embeddings (N, width)."""
        if self.encoder is None:
            raise ValueError(
                "This model was fitted to cached embeddings and holds no encoder; load it with one."
            )
        return self.encoder.embed(images)

    def logits(self, embeddings: NDArray[np.float32] | Bags) -> dict[str, NDArray[np.float64]]:
        """Raw outputs (N, outputs) by slot."""
        bags = as_bags(embeddings)
        pooled, columns = self.pooling.pooled(bags), self.covariates.columns(bags.beside)
        return {
            slot.name: _linear(
                self.heads[slot.name], beside(pooled_for(slot.name, pooled), columns)
            )
            for slot in self.slots
        }

    def direction(self, name: str) -> NDArray[np.float32]:
        """(outputs, width): of a slot's head what meets the pooled embedding."""
        weight = self.heads[name].weight
        return weight[:, : weight.shape[1] - self.covariates.width]

    def answer(
        self, embeddings: NDArray[np.float32] | Bags, marked: Sequence[Mapping[str, Prediction]]
    ) -> list[dict[str, Prediction]]:
        """All that it says of N cases: what `predict_embeddings` does, and what was marked on their pictures
        (`predict_places`) and beside it."""
        whole = self.predict_embeddings(embeddings, marked)
        return [
            one | {name: of for name, of in on.items() if name not in self.silent}
            for one, on in zip(whole, marked, strict=True)
        ]

    def predict_embeddings(
        self,
        embeddings: NDArray[np.float32] | Bags,
        marked: Sequence[Mapping[str, Prediction]] | None = None,
    ) -> list[dict[str, Prediction]]:
        """Embeddings (N, width), or those of all pictures of N cases, to a prediction by slot for each case.

        marked: what `predict_places` says of them. ValueError if an embedding is not finite, or an answer weighs marks that
        are not given.
        """
        bags = as_bags(embeddings)
        if not np.isfinite(bags.rows).all():
            raise Trouble(NOT_FINITE, "embedding_not_finite")
        raw = self.logits(bags)
        decoded = {slot.name: self._decoded(slot, raw[slot.name], marked) for slot in self.slots}
        return [{name: found[n] for name, found in decoded.items()} for n in range(len(bags))]

    def _decoded(
        self, slot: Slot[Recipe], outputs: Floats, marked: Sequence[Marked] | None
    ) -> list[Prediction]:
        evidence = self.evidence.get(slot.name)
        if evidence is None:
            return slot.recipe.decode(slot.field, outputs, self.heads[slot.name].calibration)
        bearing = bearing_on(slot, self.dense_slots)
        if bearing is None or marked is None:
            raise ValueError(f"{slot.name} weighs what is marked; predict the places first.")
        strength = strength_of(evidence.places, marked)
        outputs = evidence.weigh(outputs, bearing[1], strength)
        return slot.recipe.decode(slot.field, outputs, evidence.calibration)

    def predict(self, images: NDArray[np.uint8]) -> list[dict[str, Prediction]]:
        """Prepared images (N, S, S), one a case, to a prediction by slot for each."""
        return self.predict_embeddings(self.embed(images))

    def predict_places(
        self, images: NDArray[np.uint8], cases: Sequence[Sequence[Place]]
    ) -> list[dict[str, Prediction]]:
        """Prepared images (P, S, S), those of a case one after the other, and the place of each, to a prediction for
        each dense slot and case."""
        if self.dense is None or not self.dense_slots:
            return [{} for _ in cases]
        if self.encoder is None:
            raise ValueError("This model holds no encoder; places cannot be found without one.")
        seen = self.dense.find(self.encoder, self.dense_slots, images)
        starts = np.cumsum([0, *map(len, cases)])
        return [
            {
                slot.name: self.dense.answer(slot, seen[slot.name][at:to], places, self.size)
                for slot in self.dense_slots
            }
            for places, at, to in zip(cases, starts[:-1], starts[1:], strict=True)
        ]

    def save(self, folder: Path) -> tuple[Path, str]:
        """One safetensors file named by its hash, with everything but the tensors as JSON in its header."""
        told = json.dumps(self.metadata(), sort_keys=True)
        return store(folder, save(self.tensors(), metadata={"osteon": told}))

    def tensors(self) -> dict[str, torch.Tensor]:
        tensors = {}
        for name, head in self.heads.items():
            tensors[f"heads.{name}.weight"] = torch.from_numpy(
                np.ascontiguousarray(head.weight, dtype=np.float32)
            )
            tensors[f"heads.{name}.bias"] = torch.from_numpy(
                np.ascontiguousarray(head.bias, dtype=np.float32)
            )
        for name, learned in self.pooling.tensors().items():
            tensors[f"pooling.{name}"] = torch.from_numpy(
                np.ascontiguousarray(learned, dtype=np.float32)
            )
        if self.dense is not None:
            tensors |= {f"dense.{key}": tensor for key, tensor in self.dense.tensors().items()}
        if self.encoder is not None:
            state = load(encoder_bytes(self.encoder.network.state_dict()))
            tensors |= {f"encoder.{key}": tensor for key, tensor in state.items()}
        if self.staged is not None:
            tensors |= self.staged.tensors(self.encoder_sha256 if self.encoder else "")
        return tensors

    def metadata(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if self.covariates.each:
            told["covariates"] = self.covariates.metadata()
        if self.reading is not None:
            told["reading"] = dict(self.reading)
        if self.evidence:
            told["evidence"] = {name: of.metadata() for name, of in self.evidence.items()}
        if self.silent:
            told["silent"] = sorted(self.silent)
        return {
            **told,
            "format": FORMAT,
            "fields": self.fields,
            "slots": [slot.name for slot in self.slots],
            "calibration": {name: dict(head.calibration) for name, head in self.heads.items()},
            "encoder": self.encoder_name,
            "encoder_sha256": self.encoder_sha256,
            "both_ways": self.encoder is not None and self.encoder.both_ways,
            "halves": self.encoder is not None and self.encoder.halves,
            "size": self.size,
            "preparation": self.preparation,
            "pooling": self.pooling.name,
            "pooling_slots": getattr(self.pooling, "slots", []),
            "dense": self.dense.metadata() if self.dense is not None else None,
            "staged": self.staged.metadata() if self.staged is not None else None,
        }

    @classmethod
    def load(cls, path: Path, sha256: str, *, encoder: Encoder | None = None) -> "Model":
        """A saved model. ValueError if the file is damaged, not a model's, or lacks the encoder it was fitted to.

        `encoder` is for a file that holds heads only; it must be the one that made the embeddings.
        """
        content = read_checked(path, sha256)
        return cls._read(metadata_in(content, path.name), load(content), path.name, encoder)

    @classmethod
    def _read(
        cls,
        metadata: Mapping[str, Any],
        tensors: Mapping[str, torch.Tensor],
        name: str,
        encoder: Encoder | None,
    ) -> "Model":
        state = part_of(tensors, "encoder.")
        if state:
            encoder = Encoder.from_state(
                state,
                metadata["encoder"],
                metadata["encoder_sha256"],
                both_ways=metadata.get("both_ways", False),
                halves=metadata.get("halves", False),
            )
        if encoder is not None and encoder.sha256 != metadata["encoder_sha256"]:
            raise ValueError(f"The model {name} was fitted to another encoder than the one given.")
        heads = {
            slot: Head(
                tensors[f"heads.{slot}.weight"].numpy(),
                tensors[f"heads.{slot}.bias"].numpy(),
                metadata["calibration"][slot],
            )
            for slot in metadata["slots"]
        }
        return cls(
            metadata["fields"],
            heads,
            encoder=encoder,
            encoder_name=metadata["encoder"],
            encoder_sha256=metadata["encoder_sha256"],
            size=metadata["size"],
            preparation=metadata["preparation"],
            pooling=pooling_in(metadata, tensors),
            dense=dense_in(metadata, tensors, encoder),
            covariates=Covariates.of(metadata.get("covariates", [])),
            staged=cls._staged(metadata.get("staged"), tensors, name, encoder),
            reading=metadata.get("reading"),
            evidence={
                slot: Evidence.of(told) for slot, told in metadata.get("evidence", {}).items()
            },
            silent=metadata.get("silent", ()),
        )

    @classmethod
    def _staged(
        cls,
        told: Mapping[str, Any] | None,
        tensors: Mapping[str, torch.Tensor],
        name: str,
        encoder: Encoder | None,
    ) -> Staged | None:
        """encoder: that of the first stage, which the second one may share."""
        if told is None:
            return None
        inner = cls._read(told["model"], part_of(tensors, "staged."), name, encoder)
        rule = Rule(**{**told["rule"], "sites": tuple(told["rule"]["sites"])})
        return Staged(rule, inner, tuple(told["names"]))


def _linear(head: Head, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """(N, outputs). Row by row: a product of matrices sums in another order where there are more rows, and the same case
    would have another answer in other company."""
    weight, found = head.weight.T.astype(np.float64), np.empty((len(rows), len(head.bias)))
    for n, row in enumerate(rows.astype(np.float64)):
        found[n] = row @ weight + head.bias
    return found
