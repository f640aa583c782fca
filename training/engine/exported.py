"""A network written as ONNX and run by onnxruntime: on a processor quicker than torch for single pictures above all.

How both compare, and when which of them is used: docs/learning.md.
"""

import io
import logging
import warnings
from collections.abc import Sequence
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

log = logging.getLogger(__name__)
SAME = 1e-4  # absolute, or of the value itself where that is above 1: what both may differ by


class Exported:
    """What a module makes of grey pictures of one size, one after the other: so it says the same of a picture, to the last
    bit, whatever its company. Batches are no quicker here. Raises whatever the export raises.
    """

    def __init__(self, module: nn.Module, shape: Sequence[int], threads: int) -> None:
        import onnxruntime  # noqa: PLC0415 -- 100 MB: only where something is embedded

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Waiting threads sleep, as torch's do (embedded/children.py).
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(
            _written(module, shape), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pictures (N, S, S), 0-255, one at the least, to (N, ...)."""
        each = (np.ascontiguousarray(pictures[n : n + 1]) for n in range(len(pictures)))
        return np.concatenate([self._session.run(None, {"pictures": one})[0] for one in each])


# Versions of a model that share an encoder share this too; it goes with the last of them.
_KNOWN: WeakValueDictionary[tuple[Any, ...], Exported] = WeakValueDictionary()


def exported(sha256: str, module: nn.Module, shape: Sequence[int]) -> Exported | None:
    """The module, which `sha256` names, for pictures of this shape and as many threads as torch has; None, and the log
    says why, where it cannot be exported or then says something else."""
    key = (sha256, *shape, torch.get_num_threads())
    found = _KNOWN.get(key)
    if found is None:
        try:
            found = _checked(module, shape)
        except Exception as problem:  # an exporter may fail in many ways; torch does the same work
            why = f"{type(problem).__name__}: {problem}"[:300]
            log.warning("The encoder %s runs on torch, not on onnxruntime. %s", sha256[:12], why)
            return None
        _KNOWN[key] = found
    return found


def _checked(module: nn.Module, shape: Sequence[int]) -> Exported:
    module.eval()  # as its parts are: the exporter gives them all the state of the whole
    found = Exported(module, shape, torch.get_num_threads())
    picture = np.random.default_rng(0).integers(0, 256, (1, *shape), dtype=np.uint8)
    with torch.inference_mode():
        expected = module(torch.from_numpy(picture)).numpy()
    if not np.allclose(found(picture), expected, rtol=SAME, atol=SAME):
        raise ValueError("Exported, it gives other numbers.")
    return found


def _written(module: nn.Module, shape: Sequence[int]) -> bytes:
    written = io.BytesIO()
    with warnings.catch_warnings():
        # of age, and that what depends on the size is fixed: it is
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (torch.zeros(1, *shape, dtype=torch.uint8),),
            written,  # type: ignore[arg-type] # this exporter writes into files at hand too
            dynamo=False,  # the other exporter needs another package
            input_names=["pictures"],
        )
    return written.getvalue()
