"""Caches that nothing will read any more: embeddings and maps of networks that nobody uses, squares and volumes that no
form asks for. Asked by beat once an hour (config/jobs.py), or the disk would fill with every full run.

What is removed here costs time only: whoever needs it makes it anew.
"""

import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from annotation.models import Form
from annotation.volumes import reads_volumes
from jobs.models import Job
from training import weights
from training.engine.cache import ArrayCache
from training.engine.volumes import PREPARATION, grid_of
from training.models import ModelVersion, StartingWeights

log = logging.getLogger(__name__)
OLD = 86_400.0  # seconds since the last row: a run may be filling it
# as networks/weights.py and engine/images.py have them, which load torch
IMAGENET, PICTURES = "imagenet-efficientnet_lite0.sha256", "v1"
OF_ENCODERS = re.compile(r"(?:embeddings|maps)-([0-9a-f]{64})(?:-|$)")
OF_FORMS = ("images-", "volumes-")
State = ModelVersion.State


def tidy() -> int:
    """The bytes freed."""
    folder = Path(settings.CACHE_FOLDER)
    encoders, prepared = set(_encoders()), set(_prepared())
    unasked = [
        name
        for name in sorted(path.stem for path in folder.glob("*.keys"))
        if _is_of(name, encoders, prepared) is False
    ]
    freed = {name: ArrayCache.remove(folder, name, time.time() - OLD) for name in unasked}
    removed = {name: size for name, size in freed.items() if size}
    for name, size in removed.items():
        log.info("Removed %d bytes of the cache %s: nothing asks for it.", size, name)
    return sum(removed.values())


def _is_of(name: str, encoders: set[str], prepared: set[str]) -> bool | None:
    """Whether something asks for a cache; None for one that is not of these."""
    if found := OF_ENCODERS.match(name):
        return found[1] in encoders
    return name in prepared if name.startswith(OF_FORMS) else None


def _encoders() -> Iterator[str]:
    """What trainings start from, and the encoders of the versions that are or may next be in use: of each task the current
    one, its candidates and the one before."""
    yield from StartingWeights.objects.filter(deleted=False).values_list("sha256", flat=True)
    pointer = weights.folder() / IMAGENET
    if pointer.exists():
        yield pointer.read_text().strip()
    kept = ModelVersion.objects.filter(state__in=(State.CURRENT, State.CANDIDATE))
    for version in (*kept, *_before()):
        yield version.encoder
        staged = (version.card.get("model") or {}).get("staged")
        if staged:
            yield staged["model"]["encoder_sha256"]


def _before() -> QuerySet[ModelVersion]:
    retired = ModelVersion.objects.filter(state=State.RETIRED)
    return retired.order_by("task_id", "-promoted_at").distinct("task_id")


def _prepared() -> Iterator[str]:
    """Names of the caches of what the forms' models read; every version of a form, for an older model may be in use."""
    live = Job.objects.filter(kind="training.pretrain", state__in=("queued", "running"))
    pretraining = live.exists()
    for content in Form.objects.values_list("content", flat=True):
        training = content.get("training") or {}
        if reads_volumes(content):
            yield f"volumes-{PREPARATION}-{grid_of(training).name}"
            continue
        for size in _sizes(content, training, pretraining):
            yield f"images-{PICTURES}-{size}"


def _sizes(content: Any, training: Any, pretraining: bool) -> Iterator[int]:
    """Of the squares; pre-training looks at about 5/7 of them (pretraining_run.py)."""
    size = training.get("size")
    if size:
        yield size
        if pretraining:
            yield max(32, round(int(size) * 5 / 7 / 32) * 32)
            yield training.get("pretrain", {}).get("size", size)
    for field in content["fields"]:
        if cut := (field.get("crop") or {}).get("size"):
            yield cut
