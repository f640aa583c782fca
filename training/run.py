"""The body of a training: snapshot → examples → fast or full → locked test → gate → model version, perhaps current."""

from typing import Any

from training.models import ModelVersion

Slots = dict[str, dict[str, Any]]
State = ModelVersion.State
