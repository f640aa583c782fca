"""Take published weights that an admin gives: a safetensors file, checked before it is kept.

It is checked here and not in a job: the answer comes while the admin still looks at what he sends, and a wrong file never
lies about. Nothing of it is run or unpickled: the library reads a header of JSON and rows of numbers.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import IO, Any

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import save

from accounts.models import User
from accounts.said import Said
from annotation.models import Task
from training import encoders, weights
from training.models import StartingWeights

MOST_BYTES = 256 << 20  # ResNet-50 has 98 MB
TOO_LARGE = Said(
    f"The file has more than {MOST_BYTES >> 20} MB; no network here is so large.",
    "weights_too_large",
    most_mb=MOST_BYTES >> 20,
)
HEADER = 1 << 20
NAMED = 5  # of the names that are wrong are told
OURS = "efficientnet_lite0"  # torchvision has no such network, its names are our own
SHAPES = "training/encoders_shapes.json"
PICKLES = (
    b"PK\x03\x04",
    b"\x80",
)  # how torch.save's files begin: a zip of pickles, or the pickle itself
HOW = "safetensors.torch.save_file(torch.load('weights.pth', weights_only=True), 'weights.safetensors')"
CONVERT = Said(
    "This is a file of torch.save, which may run programs when it is opened, and is not taken. Convert it where you trust it: "
    f"{HOW}.",
    "weights_pickled",
    how=HOW,
)
TOO_SHORT = Said("The file is too short for safetensors; was it sent whole?", "weights_too_short")
HEADS = ("fc.", "classifier.")  # of 1,000 classes, which are not ours
COUNTER = "num_batches_tracked"
Float = NDArray[np.float32]


class BadUpload(ValueError):
    """The file cannot be used; the message says why and what to do."""


def take(
    task: Task, file: IO[bytes], network: str, name: str, source: str, by: User
) -> tuple[StartingWeights, list[str]]:
    """The new row, and the tensors that were left out. Raises BadUpload; then nothing was kept."""
    if encoders.for_volumes(task):
        raise BadUpload(encoders.NO_WEIGHTS)
    content = read(file)
    tensors, left_out = checked(content, network)
    row = StartingWeights(
        task=task,
        name=name,
        network=network,
        sha256=weights.store(save(tensors)),
        file_sha256=hashlib.sha256(content).hexdigest(),
        source=source,
        by=by,
    )
    return encoders.keep(row, encoders.What.UPLOADED), left_out


def read(file: IO[bytes]) -> bytes:
    """The file, once its first eight bytes promise a header of a sane length."""
    start = file.read(8)
    length = int.from_bytes(start, "little")
    if len(start) < 8 or length < 2:
        raise BadUpload(TOO_SHORT)
    if length > HEADER and start.startswith(PICKLES):
        raise BadUpload(CONVERT)
    if length > HEADER:
        long = f"The file says that its header has {length:,} bytes, more than {HEADER:,}: it is no safetensors file or damaged."
        raise BadUpload(Said(long, "weights_header_too_long", bytes=length, most=HEADER))
    content = start + file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadUpload(TOO_LARGE)
    return content


def checked(content: bytes, network: str) -> tuple[dict[str, Float], list[str]]:
    """The tensors of the network, and the names of those that it has no use for."""
    wanted = encoders.shapes()[network]
    try:
        found = {_name(key): of for key, of in safetensors.deserialize(content)}  # type: ignore[no-untyped-call]
    except (safetensors.SafetensorError, UnicodeDecodeError) as problem:
        broken = f"The file is not whole or no safetensors file: {problem}."
        raise BadUpload(Said(broken, "weights_not_whole", why=str(problem))) from problem
    left_out = [key for key in found if key.startswith(HEADS) and key not in wanted]
    left_out += [key for key in found if key.endswith(COUNTER)]
    extra = sorted(found.keys() - wanted.keys() - set(left_out))
    lacking = sorted(wanted.keys() - found.keys())
    if lacking:
        lacks = f"It lacks tensors of {network}: {_named(lacking, network)}"
        raise BadUpload(Said(lacks, "weights_lack_tensors", network=network, **_first(lacking)))
    if extra:
        holds = f"It holds tensors that {network} has not: {_named(extra, network)}"
        raise BadUpload(Said(holds, "weights_of_another", network=network, **_first(extra)))
    wrong = [
        f"{key} is {found[key]['shape']}, not {shape}"
        for key, shape in wanted.items()
        if found[key]["shape"] != shape
    ]
    if wrong:
        shapes = f"Its shapes are not those of {network}: {_named(wrong, network)}"
        raise BadUpload(Said(shapes, "weights_shapes", network=network, **_first(wrong)))
    return {key: _numbers(key, found[key]) for key in sorted(wanted)}, left_out


def _name(key: str) -> str:
    """torchvision's files of DenseNet still have the names of before it numbered its layers otherwise."""
    return re.sub(r"(denselayer\d+\.(?:norm|conv))\.(?=[12]\.)", r"\1", key)


def _named(wrong: list[str], network: str) -> str:
    more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
    whose = (
        "torchvision's file for this network"
        if network != OURS
        else f"{SHAPES}, for torchvision has no {OURS}"
    )
    return f"{', '.join(wrong[:NAMED])}{more}. The names must be those of {whose}."


def _first(wrong: list[str]) -> dict[str, Any]:
    return {"tensors": wrong[:NAMED], "more": max(0, len(wrong) - NAMED)}


def _numbers(key: str, of: Mapping[str, Any]) -> Float:
    """A tensor as float32."""
    read = READ.get(of["dtype"])
    if read is None:
        typed = f"{key} is of type {of['dtype']}; only F32, F16 and BF16 are taken."
        raise BadUpload(Said(typed, "weights_type", tensor=key, type=of["dtype"]))
    numbers = read(bytes(of["data"])).reshape(of["shape"])
    if not np.isfinite(numbers).all():
        damaged = f"{key} holds numbers that are not finite: the file is damaged."
        raise BadUpload(Said(damaged, "weights_not_finite", tensor=key))
    return numbers


def _bfloat16(data: bytes) -> Float:
    """Each is the upper half of a float32."""
    return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)


READ: dict[str, Callable[[bytes], Float]] = {
    "F32": lambda data: np.frombuffer(data, "<f4").astype(np.float32),
    "F16": lambda data: np.frombuffer(data, "<f2").astype(np.float32),
    "BF16": _bfloat16,
}
