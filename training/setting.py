"""What a full run is told: by the form, else what is usual."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import torch  # noqa: TID253 -- only workers load this module

from annotation.volumes import VOLUME
from training.engine.settings import OF_VOLUMES, Settings
from training.engine.volumes import grid_of
from training.models import TrainingRun


def settings_of(run: TrainingRun, training: Mapping[str, Any]) -> Settings:
    """The template's training settings, as far as a full run knows them."""
    known = {one.name for one in fields(Settings)}
    chosen = {name: value for name, value in training.items() if name in known}
    usual = {"seed": run.seed, "threads": torch.get_num_threads()}
    if training.get("images") == VOLUME:
        usual |= {**OF_VOLUMES, "size": grid_of(training).shape[-1]}
    return Settings(**usual | chosen)
