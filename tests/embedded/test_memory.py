"""The allocator of a worker that trains: that the library is there and takes the place of the system's."""

import os
import subprocess
import sys

from embedded import children, memory


def test_a_process_with_these_variables_takes_its_memory_from_mimalloc() -> None:
    asked = "import ctypes; print(hasattr(ctypes.CDLL(None), 'mi_version'))"

    def said(**variables: str) -> str:
        command = [sys.executable, "-c", asked]
        return subprocess.check_output(command, env=os.environ | variables, text=True).strip()

    assert said(**memory.own_allocator()) == "True"
    assert said() == "False"


def test_only_the_training_worker_does() -> None:
    with_it = {name for name in children.WORKERS if "LD_PRELOAD" in children.means_of(name)}
    assert with_it == {"train"}
