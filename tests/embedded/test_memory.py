"""The allocator of a worker that trains: that the library is there and takes the place of the system's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from embedded import children, memory

ON_LINUX = sys.platform == "linux"  # for which pyproject.toml asks for it


def test_a_process_with_these_variables_takes_its_memory_from_mimalloc() -> None:
    asked = "import ctypes; print(hasattr(ctypes.CDLL(None), 'mi_version'))"

    def said(**variables: str) -> str:
        command = [sys.executable, "-c", asked]
        return subprocess.check_output(command, env=os.environ | variables, text=True).strip()

    assert said(**memory.own_allocator()) == str(ON_LINUX)
    assert said() == "False"


def test_only_the_training_worker_does_and_none_where_it_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def having() -> set[str]:
        return {name for name in children.WORKERS if "LD_PRELOAD" in children.means_of(name)}

    assert having() == ({"train"} if ON_LINUX else set())
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    assert having() == set()
