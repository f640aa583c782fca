"""What goes between the sandbox and its child: a lie about a size costs no memory."""

import os
from collections.abc import Iterator

import pytest

from archive.wire import anonymous_file, read_all, write_all


@pytest.fixture
def file() -> Iterator[int]:
    handle = anonymous_file()
    yield handle
    os.close(handle)


def test_it_reads_back_what_was_written_last(file: int) -> None:
    write_all(file, (b"a longer text", memoryview(b"before")))
    write_all(file, (b"short", memoryview(b"er")))

    assert read_all(file, 0, 7) == b"shorter"
    assert read_all(file, 5, 2) == b"er"
    assert read_all(file, 7, 0) == b""


@pytest.mark.parametrize(("at", "length"), [(0, 8), (8, 0), (4, 1 << 50), (-1, 2), (3, -1)])
def test_it_believes_no_size_that_is_not_there(file: int, at: int, length: int) -> None:
    write_all(file, (b"shorter",))

    with pytest.raises(EOFError):
        read_all(file, at, length)
