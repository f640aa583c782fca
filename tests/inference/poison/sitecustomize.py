"""Python loads this first in every process that has its folder on the path: what then decodes a marked picture dies, as
of a fault in a decoder."""

import os
import signal
from typing import Any

import numpy as np

MARK = b"POISONED"


def deadly(buffer: Any, *args: Any, **kwargs: Any) -> Any:
    if bytes(buffer[: len(MARK)]) == MARK:
        os.kill(os.getpid(), signal.SIGKILL)
    return sound(buffer, *args, **kwargs)


sound = np.frombuffer
if __name__ == "sitecustomize":
    np.frombuffer = deadly
