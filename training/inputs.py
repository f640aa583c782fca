"""What the models of a form read of its cases, pictures or volumes: who trains or predicts need not know which."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotation.volumes import VOLUME
from training import pictures as squares
from training import volumes
from training.engine.cache import ArrayCache
from training.engine.encoder import Encoder
from training.pictures import Bag, Failures, Picture, Report
from training.volumes import Volume


def pictures(
    cases: Iterable[int], training: Mapping[str, Any], sides: Mapping[int, str] | None = None
) -> dict[int, Bag]:
    """See pictures.pictures."""
    read = volumes.volumes if training.get("images") == VOLUME else squares.pictures
    return read(cases, training, sides)


def images(
    wanted: Sequence[Picture], report: Report, failures: Failures, *, apart: bool = False
) -> ArrayCache:
    """See pictures.images."""
    if found := _volumes(wanted):
        return volumes.images(found, report, failures, apart=apart)
    return squares.images(wanted, report, failures, apart=apart)


def embeddings(
    wanted: Sequence[Picture],
    encoder: Encoder,
    report: Report,
    failures: Failures,
    *,
    apart: bool = False,
) -> ArrayCache:
    """See pictures.embeddings."""
    if found := _volumes(wanted):
        return volumes.embeddings(found, encoder, report, failures, apart=apart)
    return squares.embeddings(wanted, encoder, report, failures, apart=apart)


def _volumes(wanted: Sequence[Picture]) -> list[Volume]:
    """All of them, or none."""
    return [one for one in wanted if isinstance(one, Volume)]
