"""The process that judges files: it says the same as prepare, costs nobody else its life, and is replaced."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit

from archive.prepare import Prepared, prepare
from archive.refused import Refused
from archive.sandbox import Sandbox
from archive.secondary_capture import Attributes
from tests.factories.archive import make_compressed, make_file, make_picture
from tests.factories.hostile.bombs import jpeg2000, many_scans
from tests.factories.verdict import POLICY, SOURCE_HASH

FILES = Path(__file__).parent / "files" / "taken"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


def scan_bomb() -> bytes:
    """Sound in every header, and a minute's work for a decoder."""
    bomb = many_scans(2_000, 2_000, 10_000)
    return make_compressed([bomb], JPEGBaseline8Bit, Rows=2_000, Columns=2_000)


def ask(sandbox: Sandbox, data: bytes) -> Prepared:
    return sandbox.prepare(data, SOURCE_HASH, POLICY)


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_it_says_what_prepare_says(path: Path, sandbox: Sandbox) -> None:
    data = path.read_bytes()

    there, here = ask(sandbox, data), prepare(data, SOURCE_HASH, POLICY)

    for field in ("patient", "study", "series", "instance", "link", "hold"):
        assert getattr(there, field) == getattr(here, field)
    assert b"".join(there.parts) == b"".join(here.parts)


def test_it_wraps_a_picture_with_what_its_row_says(sandbox: Sandbox) -> None:
    picture = make_picture(size=(64, 48), mode="RGB")

    there = sandbox.prepare(picture, SOURCE_HASH, POLICY, Attributes("患者一", "L", "KNEE"))

    assert (there.series["laterality"], there.series["body_part_examined"]) == ("L", "KNEE")
    assert (there.instance["rows"], there.instance["columns"]) == (48, 64)
    other = sandbox.prepare(picture, SOURCE_HASH, POLICY, Attributes("患者二", "L", "KNEE"))
    assert other.patient["patient_id"] != there.patient["patient_id"]


def test_it_says_why_with_code_tag_and_offset(sandbox: Sandbox) -> None:
    with pytest.raises(Refused, match="is cut off: 240 bytes") as caught:
        ask(sandbox, make_file()[:-1])

    assert (caught.value.code, caught.value.tag) == ("cut_off", 0x7FE00010)
    assert caught.value.offset


def test_it_copies_no_pixels_that_stay_as_they_are(sandbox: Sandbox) -> None:
    data = make_file(np.zeros((500, 500), np.uint16))

    pixels = ask(sandbox, data).parts[1]

    assert isinstance(pixels, memoryview)
    assert pixels.obj is data


def test_it_refuses_what_takes_too_long_and_goes_on(sandbox: Sandbox) -> None:
    with pytest.raises(Refused, match="takes longer") as caught:
        ask(sandbox, scan_bomb())

    assert caught.value.code == "too_costly_time"
    assert ask(sandbox, make_file())


def test_it_outlives_the_death_of_a_process_at_work() -> None:
    with Sandbox() as sandbox:
        ask(sandbox, make_file())
        process = sandbox._idle[0].process
        reasons: list[Refused] = []

        def judge() -> None:
            try:
                ask(sandbox, scan_bomb())
            except Refused as reason:
                reasons.append(reason)

        thread = threading.Thread(target=judge)
        thread.start()
        while sandbox._idle:
            thread.join(0.01)
        process.terminate()
        thread.join()

        assert [reason.code for reason in reasons] == ["damaged"]
        assert ask(sandbox, make_file())


def test_it_outlives_the_death_of_a_process_at_rest() -> None:
    with Sandbox() as sandbox:
        ask(sandbox, make_file())
        first = sandbox._idle[0].process
        first.kill()
        first.wait()

        assert ask(sandbox, make_file())
        assert sandbox._idle[0].process.pid != first.pid


def test_it_refuses_what_takes_too_much_memory_and_goes_on(sandbox: Sandbox) -> None:
    frame = jpeg2000(16_000, 16_000)
    data = make_compressed([frame], JPEG2000Lossless, Rows=16_000, Columns=16_000)

    with pytest.raises(Refused, match="needs more memory") as caught:
        ask(sandbox, data)

    assert caught.value.code == "too_costly_memory"
    assert ask(sandbox, make_file())


def test_it_serves_several_at_once() -> None:
    files = [make_file() for _ in range(12)]
    uids: list[str] = []
    with Sandbox() as sandbox:

        def take(data: bytes) -> None:
            uids.append(ask(sandbox, data).instance["sop_instance_uid"])

        threads = [threading.Thread(target=take, args=(data,)) for data in files]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(set(uids)) == 12
