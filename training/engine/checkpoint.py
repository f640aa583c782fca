"""Where a full run stands, in one file that is always whole."""

import io
from pathlib import Path
from typing import Any

import torch

from training.engine.trouble import Trouble
from training.storing import write_atomically

NAME = "checkpoint.pt"


def save_checkpoint(folder: Path, fingerprint: str, state: dict[str, Any]) -> None:
    """Replace the run's checkpoint."""
    buffer = io.BytesIO()
    torch.save({"fingerprint": fingerprint, "state": state}, buffer)
    write_atomically(folder / NAME, buffer.getvalue())


def load_checkpoint(folder: Path, fingerprint: str) -> dict[str, Any] | None:
    """The state to go on from, None for a fresh folder. ValueError if it belongs to other data or settings."""
    path = folder / NAME
    if not path.exists():
        return None
    found = torch.load(path, map_location="cpu", weights_only=True)
    if found["fingerprint"] != fingerprint:
        raise Trouble(
            f"The checkpoint {path} was made on other data or settings, perhaps by an earlier release: start this anew.",
            "checkpoint_of_another",
            path=str(path),
        )
    state: dict[str, Any] = found["state"]
    return state
