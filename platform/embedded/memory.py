"""The allocator of a worker that trains.

A training step makes and drops the same large tensors again and again. glibc either gives each back to the system, and the
page faults cost half of the step, or keeps them all and never finds a hole that fits: of what it then held half lay idle.
mimalloc (Leijen, Zorn & de Moura 2019) fills its holes; told never to purge, it gives nothing back either.
"""

import sysconfig
from pathlib import Path

LIBRARY = "cmeel.prefix/lib/libmimalloc.so"  # where its wheel puts it
SETTINGS = {"MIMALLOC_PURGE_DELAY": "-1"}


def own_allocator() -> dict[str, str]:
    """Variables of a process that takes its memory from mimalloc; none where it is not installed."""
    library = Path(sysconfig.get_path("platlib")) / LIBRARY
    return {"LD_PRELOAD": str(library), **SETTINGS} if library.exists() else {}
