"""Training steps of a full run and of a bare torch loop, in turns within one process: the machine's moods meet both."""

import json
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from torch.nn import functional

from annotation.catalogue import current_form
from annotation.models import Snapshot, Task
from annotation.snapshots import freeze
from inference import arms
from jobs.models import Job
from jobs.runner import Running
from training import dataset, encoders, loading
from training.engine.batches import Images
from training.engine.encoder import Encoder, to_input
from training.engine.full import Settings, train_full
from training.engine.labels import collect
from training.engine.network import Network
from training.networks.sparing import holding
from training.pictures import images
from training.reporting import Reporting


class Bare:
    """The same network on pictures that lie in memory, ready to be taken in: forward, loss, backward, step; everything that
    the backward pass needs is held, as a loop does that has the memory for it."""

    def __init__(self, encoder: Encoder, labels: Any, settings: Settings) -> None:
        self.network = Network(encoder.network, labels, settings.dropout).train()
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=1e-5)
        self.batch = settings.batch
        self.counts = torch.ones(self.batch, dtype=torch.int64)
        self.targets = torch.randint(0, 2, (self.batch, len(self.network.heads.bias))).float()
        sizes = {settings.size_at(epoch) for epoch in range(settings.epochs)}
        self.pictures: dict[int, Tensor] = {
            size: to_input(torch.rand(self.batch, size, size) * 255, encoder.network)
            for size in sizes
        }

    def steps(self, count: int, size: int) -> None:
        with patch("training.networks.efficientnet_lite.activated", holding):
            for _ in range(count):
                self.optimizer.zero_grad()
                logits, _ = self.network(self.pictures[size], self.counts)
                functional.binary_cross_entropy_with_logits(logits, self.targets).backward()  # type: ignore[no-untyped-call]
                self.optimizer.step()


class Turns:
    """Stands between a run and its report: after each span of steps the bare loop takes as many. An epoch's end, where
    the split tune is predicted, is no step and not counted."""

    def __init__(self, reporting: Reporting, bare: Bare, settings: Settings) -> None:
        self.reporting, self.bare, self.settings = reporting, bare, settings
        self.steps: dict[int, int] = defaultdict(int)  # by size of the picture, as the seconds
        self.ours: dict[int, float] = defaultdict(float)
        self.bares: dict[int, float] = defaultdict(float)
        self.epoch, self.step, self.since = 0, 0, 0.0

    def __call__(self, info: dict[str, Any]) -> None:
        self.reporting.fitting(info)
        now, steps = time.perf_counter(), info["step"] - self.step
        if info["epoch"] == self.epoch and steps > 0:
            size = self.settings.size_at(self.epoch - 1)
            self.steps[size] += steps
            self.ours[size] += now - self.since
            began = time.perf_counter()
            self.bare.steps(steps, size)
            self.bares[size] += time.perf_counter() - began
        self.epoch, self.step, self.since = info["epoch"], info["step"], time.perf_counter()


def measure(task: int) -> None:
    """Prints {"SIZE": {"steps", "ours": seconds, "bare": seconds}} as JSON, and the settings' batch."""
    row = Task.objects.get(pk=task)
    snapshot: Snapshot = freeze(row, unusable=arms.unusable(row))
    latest = current_form(row)
    assert latest is not None
    form = latest.content
    data = dataset.load(snapshot, form["training"])
    cache = images(data.pictures, lambda *_: None, {})
    encoder = loading.started(encoders.start_of(row, None))
    known = Settings.__dataclass_fields__
    chosen = {name: value for name, value in form["training"].items() if name in known}
    settings = Settings(**{"threads": torch.get_num_threads(), **chosen})
    bare = Bare(encoder, collect(form["fields"], data.examples, {"train"}), settings)
    bare.steps(1, settings.size)
    turns = Turns(Reporting(Running(Job(kind="bench")), "full", {}), bare, settings)
    with tempfile.TemporaryDirectory() as folder:
        train_full(
            form["fields"],
            data.examples,
            Images(*cache.array_for([one.key for one in data.pictures]), data.starts),
            settings,
            folder=Path(folder),
            report=turns,
            encoder=encoder,
        )
    print(json.dumps({"batch": settings.batch, "sizes": told(turns)}))


def told(turns: Turns) -> dict[int, dict[str, float]]:
    return {
        size: {"steps": steps, "ours": turns.ours[size], "bare": turns.bares[size]}
        for size, steps in turns.steps.items()
    }
