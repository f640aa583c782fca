"""Predictions from the store against bare torch and onnxruntime on the same tensors, in turns within one process."""

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import torch
from django.conf import settings
from numpy.typing import NDArray
from torch import Tensor

from annotation.catalogue import current_form
from annotation.models import Case, Task
from inference.predict import answers
from tests.benchmarks.predicting import seconds
from training import encoders, loading, weights
from training.engine.cache import ArrayCache
from training.engine.encoder import BATCH, Encoder, to_input
from training.engine.model import Head, Model
from training.models import ModelVersion
from training.networks.folding import folded
from training.pictures import images, pictures

CASES, ROUNDS = int(os.environ.get("OSTEON_BENCH_ANSWERED", "512")), 5
Bare = Callable[[Tensor], Any]


def measure(task: int) -> None:
    """Prints {"ours", "torch", "onnxruntime"}: images/s, the last null where it cannot be had, and "why"; as JSON."""
    row = Task.objects.get(pk=task)
    form = current_form(row)
    assert form is not None
    start = loading.started(encoders.start_of(row, None))
    made = Model(form.content["fields"], {"kl": head(start.width)}, encoder=start)
    version = ModelVersion(weights=made.save(weights.folder())[1], metrics={})
    encoder = loading.load(version).encoder
    assert encoder is not None
    cases = list(Case.objects.filter(task=task).order_by("pk").values_list("pk", flat=True))
    chosen = pictures(cases[:CASES], form.content["training"])
    wanted = [picture for bag in chosen.values() for picture in bag]
    tensors = batches(
        images(wanted, lambda *_: None, {}).rows([one.key for one in wanted]), encoder
    )
    bare = {"torch": in_torch(encoder)}
    why = ""
    try:
        bare["onnxruntime"] = in_onnxruntime(encoder, tensors[0])
    except Exception as problem:  # what its exporter needs may be missing, or of another age
        why = f"{type(problem).__name__}: {problem}"[:200]
    took: dict[str, list[float]] = {name: [] for name in ("ours", *bare)}
    for _ in range(ROUNDS + 1):
        ArrayCache.remove(Path(settings.CACHE_FOLDER), f"embeddings-{encoder.sha256}", inf)
        took["ours"].append(seconds(lambda: answers(version, chosen, lambda *_: None)))
        for name, network in bare.items():
            took[name].append(seconds(partial(through, network, tensors)))
    # the first round was to warm up
    told = {name: len(wanted) / float(np.median(of[1:])) for name, of in took.items()}
    print(json.dumps({"onnxruntime": None, **told, "why": why}))


def head(width: int) -> Head:
    rng = np.random.default_rng(0)
    calibration = {"temperature": 1.0, "decision": "median", "mass": None}
    weight = rng.normal(0, 0.1, (4, width)).astype(np.float32)
    return Head(weight, np.zeros(4, dtype=np.float32), calibration)


def batches(squares: NDArray[np.uint8], encoder: Encoder) -> list[Tensor]:
    """As the network takes them in: normalised, three colours, channels last."""
    return [
        to_input(torch.from_numpy(squares[at : at + BATCH]), encoder.network)
        for at in range(0, len(squares), BATCH)
    ]


def through(network: Bare, tensors: Sequence[Tensor]) -> None:
    for one in tensors:
        network(one)


def in_torch(encoder: Encoder) -> Bare:
    network = folded(encoder.network)

    def run(x: Tensor) -> Any:
        with torch.inference_mode():
            return network(x)

    return run


def in_onnxruntime(encoder: Encoder, example: Tensor) -> Bare:
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        network = folded(encoder.network).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        axes = {"x": {0: "n"}}
        torch.onnx.export(
            network,
            (example.contiguous(),),
            path,
            dynamo=False,
            input_names=["x"],
            dynamic_axes=axes,
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(x: Tensor) -> Any:
        return session.run(None, {"x": x.contiguous().numpy()})

    return run
