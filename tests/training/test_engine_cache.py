import pickle
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from training.engine.cache import ArrayCache, _line


def rows(keys: list[str]) -> np.ndarray:
    return np.array([[float(key.split("-")[-1])] * 3 for key in keys], dtype=np.float32)


def cache(folder: Path) -> ArrayCache:
    return ArrayCache(folder, "embeddings", (3,), np.float32)


def test_rows_come_back_in_the_order_asked(tmp_path: Path) -> None:
    keys = [f"case-{n}" for n in range(10)]
    cache(tmp_path).put(keys, rows(keys))

    again = cache(tmp_path)

    assert again.missing([*keys, "case-99", "case-99"]) == ["case-99"]
    assert (again.rows(keys[::-1]) == rows(keys[::-1])).all()
    array, indices = again.array_for(["case-7"])
    assert array[indices].tolist() == [[7, 7, 7]]


def test_rows_that_were_read_do_not_stay_mapped(tmp_path: Path) -> None:
    keys = [f"case-{n}" for n in range(10)]
    store = cache(tmp_path)
    store.put(keys, rows(keys))

    array, indices = store.array_for(keys)
    first = array[indices[:3]]

    assert (first == rows(keys[:3])).all()
    assert "embeddings.rows" not in Path("/proc/self/maps").read_text()


def test_a_key_keeps_its_first_row(tmp_path: Path) -> None:
    store = cache(tmp_path)
    store.put(["case-1"], rows(["case-1"]))
    store.put(["case-1", "case-2"], rows(["case-5", "case-2"]))

    assert store.rows(["case-1", "case-2"])[:, 0].tolist() == [1, 2]


def test_a_torn_append_is_ignored_and_overwritten(tmp_path: Path) -> None:
    store = cache(tmp_path)
    store.put(["case-1"], rows(["case-1"]))
    with (tmp_path / "embeddings.rows").open("ab") as file:
        file.write(b"half a row")
    with (tmp_path / "embeddings.keys").open("ab") as file:
        file.write(b"0000")

    fresh = cache(tmp_path)
    fresh.put(["case-2"], rows(["case-2"]))

    assert fresh.missing(["case-1", "case-2"]) == []
    assert store.rows(["case-1", "case-2"])[:, 0].tolist() == [1, 2]


def test_another_shape_under_the_same_name_is_refused(tmp_path: Path) -> None:
    cache(tmp_path).put(["case-1"], rows(["case-1"]))

    with pytest.raises(ValueError, match="other rows"):
        ArrayCache(tmp_path, "embeddings", (4,), np.float32)
    with pytest.raises(ValueError, match="were expected"):
        cache(tmp_path).put(["case-2"], np.zeros((1, 4), dtype=np.float32))


WRITER = """
import sys
from pathlib import Path
import numpy as np
from training.engine.cache import ArrayCache
store = ArrayCache(Path(sys.argv[1]), "embeddings", (3,), np.float32)
for n in range(60):
    number = n * int(sys.argv[2]) % 60
    store.put([f"case-{number}"], np.full((1, 3), number, dtype=np.float32))
"""


def test_processes_that_write_at_once_lose_and_mix_nothing(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), stride])
        for stride in ("1", "7", "11")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]

    keys = [f"case-{n}" for n in range(60)]
    assert (cache(tmp_path).rows(keys) == rows(keys)).all()
    assert (tmp_path / "embeddings.rows").stat().st_size == 60 * 12


def test_who_opened_a_cache_that_is_removed_finds_it_empty_and_may_fill_it_anew(
    tmp_path: Path,
) -> None:
    keys = ["case-1", "case-2"]
    opened, other = cache(tmp_path), cache(tmp_path)
    opened.put(keys, rows(keys))
    array, indices = opened.array_for(keys)

    assert ArrayCache.remove(tmp_path, "embeddings", time.time() + 1) > 0

    assert opened.missing(keys) == keys
    assert opened.rows([]).shape == (0, 3)
    with pytest.raises(KeyError):
        opened.rows(["case-1"])
    sent = pickle.dumps(array)
    other.put(["case-3", "case-2"], rows(["case-3", "case-2"]))
    assert opened.missing(keys) == ["case-1"]
    assert opened.rows(["case-2"])[:, 0].tolist() == [2]
    assert array[indices][:, 0].tolist() == [1, 2]
    with pytest.raises(FileNotFoundError, match="made anew"):
        pickle.loads(sent)
    opened.put(["case-4"], rows(["case-4"]))
    assert other.rows(["case-4", "case-3"])[:, 0].tolist() == [4, 3]


def test_a_cache_from_before_caches_were_marked_is_read_and_written_on(tmp_path: Path) -> None:
    keys = ["case-1", "case-2"]
    cache(tmp_path).put(keys, rows(keys))
    path = tmp_path / "embeddings.keys"
    _, *lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([_line("3 <f4"), *lines]))

    opened = cache(tmp_path)
    opened.put(["case-3"], rows(["case-3"]))

    assert cache(tmp_path).rows([*keys, "case-3"])[:, 0].tolist() == [1, 2, 3]
