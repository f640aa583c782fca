"""What the platform's own work costs beside torch's: a training step, a prediction, and the memory of a large run.

Generated pictures, prepared in the store; the encoder and the settings of the KL template.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from embedded.children import QUIET_THREADS, cores
from embedded.memory import own_allocator
from tests.benchmarks.archive_ct import worker_of
from tests.benchmarks.figures import Figure
from tests.instance import Instance, running

CASES = int(os.environ.get("OSTEON_BENCH_CASES", "20000"))
WAITING = CASES // 20
LEARNED = (
    CASES // 10
)  # trained on for one epoch: the others of the split are loaded, looked up and embedded
STEPS = int(os.environ.get("OSTEON_BENCH_STEPS", "30"))  # of each of the two sizes
SIZE = int(os.environ.get("OSTEON_BENCH_SIZE", "224"))
BATCH = 32
PREPARE = "from tests.benchmarks.prepare_training import prepare; prepare({cases}, {waiting}, {learned}, epochs={epochs}, size={size})"
TRAIN = "from tests.benchmarks.steps import measure; measure({task})"
ANSWER = "from tests.benchmarks.answering import measure; measure({task})"


def shell(instance: Instance, program: str, **variables: str) -> Any:
    run = replace(instance, environment=instance.environment | variables)
    return json.loads(run.manage("shell", "--no-imports", "-v0", "-c", program))


def measure() -> tuple[list[Figure], str]:
    threads = {"OMP_NUM_THREADS": str(cores()), **QUIET_THREADS}
    with running("throughput", **threads) as instance:
        small = {"cases": BATCH * STEPS * 10 // 7 + 20, "waiting": 0, "epochs": 2, "size": SIZE}
        task = shell(instance, PREPARE.format(**small, learned=BATCH * STEPS))
        train = shell(instance, TRAIN.format(task=task), **own_allocator())
        answer = shell(instance, ANSWER.format(task=task))
        memory, said = memory_of(instance)
    return [*training(train), *answering(answer), *memory], notes(answer, said)


def memory_of(instance: Instance) -> tuple[list[Figure], str]:
    """Peaks of the two workers that calculate, over a whole run and the predictions after it."""
    large = {"cases": CASES, "waiting": WAITING, "learned": LEARNED, "epochs": 1, "size": SIZE}
    task = str(shell(instance, PREPARE.format(**large)))
    rest = {name: peak(instance, name) for name in ("train", "infer")}
    said = instance.manage("retrain", task, "--speed", "full", "--wait").strip().splitlines()[-1]
    if " is current:" not in said:
        raise RuntimeError(f"Nothing can be predicted after the large run: {said}")
    peaks = {"train": peak(instance, "train")}
    predicted = instance.manage("preannotate", task).strip().splitlines()[-1]
    peaks["infer"] = peak(instance, "infer")
    figures = [
        Figure(
            "throughput.run_mb_20000",
            max(peaks.values()),
            "≤ 2000",
            f"peak of the training worker, or of the predicting one, over {CASES:,} cases",
        )
    ]
    for name in peaks:
        figures.append(Figure(f"throughput.{name}_mb", peaks[name], "", "of this worker"))
        figures.append(Figure(f"throughput.{name}_rest_mb", rest[name], "", "before"))
    return figures, f"{said} {predicted}"


def peak(instance: Instance, name: str) -> float:
    """High-water mark of a worker's resident memory, MB."""
    lines = Path(f"/proc/{worker_of(instance, name).pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def training(told: dict[str, Any]) -> list[Figure]:
    sizes, batch = told["sizes"], told["batch"]
    ours, bare = (sum(of[name] for of in sizes.values()) for name in ("ours", "bare"))
    steps = sum(of["steps"] for of in sizes.values())
    figures = [
        Figure(
            "throughput.train_ratio",
            bare / ours,
            "≥ 0.9",
            "steps of a full run from the store, images/s over a bare torch loop's",
        ),
        Figure("throughput.train_per_s", steps * batch / ours, "", "images/s of the full run"),
        Figure("throughput.train_bare_per_s", steps * batch / bare, "", "images/s of the loop"),
    ]
    for size, of in sizes.items():
        key = f"throughput.train_ratio_{size}"
        figures.append(Figure(key, of["bare"] / of["ours"], "", f"pictures of {size} x {size}"))
    return figures


def answering(told: dict[str, Any]) -> list[Figure]:
    fastest = max(told["torch"], told["onnxruntime"] or 0)
    figures = [
        Figure(
            "throughput.infer_ratio",
            told["ours"] / fastest,
            "≥ 0.8",
            "predictions from the store, images/s over the faster of bare torch and onnxruntime",
        ),
        Figure("throughput.infer_per_s", told["ours"], "", "images/s from the store"),
        Figure("throughput.infer_torch_per_s", told["torch"], "", "bare, folded, channels last"),
    ]
    if told["onnxruntime"]:
        key = "throughput.infer_onnxruntime_per_s"
        figures.append(Figure(key, told["onnxruntime"], "", "bare, the same network and tensors"))
    return figures


def notes(answer: dict[str, Any], said: str) -> str:
    lacking = f" onnxruntime was not measured: {answer['why']}." if answer["why"] else ""
    return (
        f"Steps: batches of {BATCH}, half of the epochs at 5/7 of the size as every full run; pictures from the memory-mapped "
        "store, augmented, the average followed, checkpoints each minute, progress told; the loop has its pictures in memory "
        "and does forward, loss, backward and step. Both run in one process, which takes its memory as the training worker does, in turns of a second or two; an epoch's end, where "
        "the split tune is predicted, is no step. Predictions: prepared squares at hand and embeddings not, bare ones in batches of 16, in "
        f"turns as well.{lacking}\n\n"
        f"Memory: {CASES:,} cases with references and {WAITING:,} that wait, squares of {SIZE} x {SIZE} in the store; snapshot, "
        f"data set, look-ups, one epoch on {LEARNED:,} of them, embeddings of all, the locked test, gate, card, and the "
        f"predictions of what waits. High-water marks of resident memory. It ended: {said}\n"
    )
