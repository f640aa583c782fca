"""A full run on several cards: torchrun starts one process for each, and this one passes on what they report.

`python -m training.engine.several FOLDER`, by torchrun, is one of those processes.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.distributed

from training.engine.batches import Images
from training.engine.encoder import Encoder
from training.engine.examples import Example, Field
from training.engine.full import train_full
from training.engine.model import Model
from training.engine.progress import Report
from training.engine.settings import Settings
from training.engine.team import Team
from training.engine.trouble import Trouble
from training.networks.weights import encoder_bytes, load_checked
from training.storing import store

INPUTS, START = "inputs.pickle", "start"


class Start(NamedTuple):
    """The encoder's weights in a file, and what identifies it."""

    path: Path
    of_file: str  # its SHA-256
    name: str
    sha256: str


@dataclass(frozen=True)
class Inputs:
    """Of the run, for its own processes: written a moment before they start and read by nobody else."""

    fields: Sequence[Field]
    examples: Sequence[Example]
    images: Images
    settings: Settings
    start: Start


def train_on_cards(
    fields: Sequence[Field],
    examples: Sequence[Example],
    images: Images,
    settings: Settings,
    *,
    folder: Path,
    report: Report,
    encoder: Encoder,
    processes: int,
) -> Model:
    """As train_full, by so many processes; they are ended when `report` raises, and go on from their last checkpoint."""
    path, sha256 = store(folder / START, encoder_bytes(encoder.network.state_dict()))
    start = Start(path, sha256, encoder.name, encoder.sha256)
    inputs = Inputs(fields, examples, images, settings, start)
    (folder / INPUTS).write_bytes(pickle.dumps(inputs))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(processes), "-m", __name__, str(folder)]
    with _started(command) as lines:
        for line in lines:
            told: dict[str, Any] = json.loads(line)
            if "problem" in told:
                raise Trouble(told["problem"], told["code"], **told["parameters"])
            if "model" in told:
                return Model.load(Path(told["model"]), told["sha256"])
            report(told)
    raise RuntimeError("The processes of the run ended without a model; the worker's log says why.")


@contextmanager
def _started(command: Sequence[str]) -> Iterator[Iterator[str]]:
    """The lines of JSON that a command prints; whatever it started is gone at the end."""
    environment = {**os.environ, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603 -- our own
    assert process.stdout is not None
    try:
        yield (line for line in process.stdout if line.startswith("{"))
    finally:
        process.terminate()  # torchrun ends its processes with itself
        process.wait()
        process.stdout.close()


def main(folder: Path) -> None:
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    cards = torch.cuda.is_available()
    if cards:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    torch.distributed.init_process_group("nccl" if cards else "gloo")
    inputs: Inputs = pickle.loads((folder / INPUTS).read_bytes())  # noqa: S301 -- see Inputs
    try:
        model = _train(inputs, folder, Team(rank, size))
    except ValueError as problem:
        said = problem if isinstance(problem, Trouble) else Trouble(str(problem), "")
        _tell({"problem": str(said), "code": said.code, "parameters": said.parameters})
        raise
    if rank == 0:
        path, sha256 = model.save(folder)
        _tell({"model": str(path), "sha256": sha256})
    torch.distributed.destroy_process_group()


def _train(inputs: Inputs, folder: Path, team: Team) -> Model:
    path, of_file, name, sha256 = inputs.start
    settings = replace(inputs.settings, threads=max(1, inputs.settings.threads // team.size))
    return train_full(
        inputs.fields,
        inputs.examples,
        inputs.images,
        settings,
        folder=folder,
        report=_tell if team.leads else lambda _: None,
        encoder=Encoder.from_state(load_checked(path, of_file), name, sha256),
        team=team,
    )


def _tell(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
