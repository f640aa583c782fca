"""CPU threads and memory for torch. (OMP_WAIT_POLICY and its like must stand in the environment before torch loads.)"""

import ctypes

import torch

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4


def limit_threads(n: int) -> None:
    """Let torch use at most `n` cores in this process, and keep freed memory for the next step."""
    torch.set_num_threads(max(1, n))
    keep_freed_memory()


def keep_freed_memory() -> None:
    """Stop glibc from returning every large tensor to the system: the page faults cost half of a training step. (The
    training worker has another allocator: embedded/memory.py.)"""
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_MAX, 0)
        libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
    except (OSError, AttributeError):  # another C library: slower, not wrong
        return
