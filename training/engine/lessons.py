"""What a full run learns in one step: the pictures, changed a little, and what they should say.

Everything random in a step comes from that step's own seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.engine.augment import augment, erase, mixing_shares
from training.engine.batches import Batch, Images, Marked
from training.engine.dense.labels import DenseLabels, marked_in
from training.engine.dense.targets import Targets, draw_targets, moves_of
from training.engine.encoder import to_input
from training.engine.examples import Example
from training.engine.labels import Labels, may_mirror
from training.engine.network import known_in
from training.engine.settings import Settings
from training.engine.team import Team
from training.networks.backbone import Backbone


class Lesson(NamedTuple):
    """x: the pictures (P, 3, S, S), `counts` (n,) of each of the examples `chosen`; known: see loss_of.

    dense: what the pictures should show. shares: see Stepper.loss.
    """

    x: Tensor
    counts: Tensor
    chosen: NDArray[np.int64]
    known: list[int]
    dense: list[Targets]
    shares: Tensor | None


@dataclass(frozen=True)
class Lessons:
    """Draws them for one process of a run."""

    labels: Sequence[Labels]
    dense: Sequence[DenseLabels]
    examples: Sequence[Example]
    images: Images
    settings: Settings
    team: Team

    @cached_property
    def marked(self) -> Marked:
        return marked_in(self.dense)

    def draw(self, chosen: NDArray[np.int64], epoch: int, step: int, network: Backbone) -> Lesson:
        """For a batch of examples, of which this process takes its part. network: where the pictures go."""
        settings, size = self.settings, self.settings.size_at(epoch)
        device = next(network.parameters()).device
        generator = _seed(settings.seed, epoch, step, self.team.rank)
        own = self.team.part(chosen)
        batch = self.images.draw(own, settings.pictures, generator, self.marked)
        mirror = settings.mirrored and may_mirror([*self.labels, *self.dense])
        mirror &= settings.both_ways or not settings.halves  # of halves it changes the sides
        never = self._sagittal(own, batch)
        x, places = augment(
            batch.images.to(device),
            size,
            generator,
            mirror=mirror,
            never=never,
            turning=settings.turning,
            zooming=settings.zooming,
            stretching=settings.stretching,
            shifting=settings.shifting,
        )
        if settings.erasing:
            x = erase(x, settings.erasing, generator)
        moves = moves_of(places, settings.size, size)
        dense = draw_targets(
            self.dense, self.examples, own, batch, moves, size, square=settings.size
        )
        shares = None
        if settings.mixing and not (self.dense or settings.several or settings.covariates):
            shares = mixing_shares(len(own), settings.mixing, generator).to(device)
        return Lesson(
            to_input(x, network),
            batch.counts,
            own,
            known_in(self.labels, chosen),
            [one._replace(share=self.team.total(one.share)) for one in dense],
            shares,
        )

    def _sagittal(self, own: NDArray[np.int64], batch: Batch) -> Tensor:
        """(P,): of which pictures a mirror image would have front and back exchanged."""
        owners = np.repeat(own, batch.counts.numpy()).tolist()
        return torch.tensor(
            [
                bool(self.examples[n].places) and self.examples[n].places[picture].sagittal
                for n, picture in zip(owners, batch.which.tolist(), strict=True)
            ],
            dtype=torch.bool,
        )


def order_of(train: NDArray[np.int64], seed: int, epoch: int) -> NDArray[np.int64]:
    """In which the examples come in an epoch."""
    return np.random.default_rng([seed, epoch]).permutation(train)


def _seed(seed: int, epoch: int, step: int, rank: int) -> torch.Generator:
    of = [seed, epoch, step, rank] if rank else [seed, epoch, step]
    drawn = int(np.random.default_rng(of).integers(2**62))
    torch.manual_seed(drawn)  # dropout, branches left out
    return torch.Generator().manual_seed(drawn)
