"""Zips: each file in one is a source, and none of a zip's lies costs more than a refusal."""

import random
import stat
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED

import pytest

from archive import zipped
from archive.ingest import ingest_paths
from archive.models import Instance
from archive.refused import Refused
from archive.zipped import is_zip, sources
from tests.factories.archive import make_file, make_picture
from tests.factories.zips import declaring, encrypted, make_entry, make_zip, overlapping

NOISE = random.Random(7).randbytes(3 << 20)


def put(folder: Path, data: bytes) -> Path:
    path = folder / "knees.zip"
    path.write_bytes(data)
    return path


def outcome(path: Path) -> list[tuple[str, str | bytes]]:
    """The name of each source with its bytes, or with the code of its refusal."""
    found: list[tuple[str, str | bytes]] = []
    for source in sources(path, "knees.zip"):
        try:
            found.append((source.name, source.read()))
        except Refused as reason:
            found.append((source.name, reason.code))
    return found


def codes(path: Path) -> list[str]:
    return [code for _, code in outcome(path) if isinstance(code, str)]


@pytest.mark.parametrize("compression", [ZIP_STORED, ZIP_DEFLATED])
def test_it_gives_the_files_in_their_folders(tmp_path: Path, compression: int) -> None:
    files = {"a/IM1": b"one", "a/b/IM2": NOISE, "win\\IM3": b"three", "empty": b""}

    found = outcome(put(tmp_path, make_zip(files, compression)))

    assert found == [
        ("knees.zip/a/IM1", b"one"),
        ("knees.zip/a/b/IM2", NOISE),
        ("knees.zip/win/IM3", b"three"),
        ("knees.zip/empty", b""),
    ]


@pytest.mark.django_db
def test_the_command_takes_zips_among_other_files(tmp_path: Path) -> None:
    put(tmp_path, make_zip({"st/IM1": make_file(), "st/DICOMDIR": b"x", "__MACOSX/._IM1": b"x"}))
    (tmp_path / "single.dcm").write_bytes(make_file())

    report = ingest_paths([tmp_path])

    assert [item.outcome for item in report.items] == ["taken", "taken"]
    assert Instance.objects.count() == 2


ROW = b"file,patient_id,laterality,body_part_examined\na_left.png,0193,L,KNEE\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("csvs", "codes"),
    [
        ({"labels.csv": ROW}, []),
        ({"a/labels.csv": ROW, "b.csv": ROW}, ["csv_several"] * 2 + ["picture_without_row"]),
        ({"labels.csv": b"name,side\n"}, ["damaged", "picture_without_row"]),
        ({}, ["picture_without_row"]),
    ],
)
def test_a_csv_in_a_zip_says_whose_its_pictures_are(
    tmp_path: Path, csvs: dict[str, bytes], codes: list[str]
) -> None:
    picture = make_picture("PNG")
    path = put(tmp_path, make_zip({"pics/a_left.png": picture, **csvs}))

    report = ingest_paths([path])

    assert [item.code for item in report.items if item.outcome == "refused"] == codes
    assert Instance.objects.filter(series__laterality="L").count() == (0 if codes else 1)


def test_it_knows_a_zip_by_its_bytes(tmp_path: Path) -> None:
    named = tmp_path / "IM1"
    named.write_bytes(make_zip({"a": b"x"}))
    dicom = tmp_path / "real.zip"
    dicom.write_bytes(b"PK\3\4".ljust(128, b"\0") + make_file()[128:])

    assert (is_zip(named), is_zip(dicom), is_zip(tmp_path / "gone")) == (True, False, False)


def test_it_refuses_a_zip_of_too_many_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipped, "MAX_ENTRIES", 3)

    assert codes(put(tmp_path, make_zip(dict.fromkeys("abcd", b"")))) == ["zip_entries"]


def test_it_reads_no_directory_without_end(tmp_path: Path) -> None:
    data = overlapping(make_zip({"a" * 60_000: b"x"}), 200)

    assert len(data) > zipped.MAX_DIRECTORY_BYTES
    assert codes(put(tmp_path, data)) == ["zip_entries"]


def test_it_refuses_entries_that_share_bytes(tmp_path: Path) -> None:
    path = put(tmp_path, overlapping(make_zip({"a": NOISE}), 1000))

    assert codes(path) == ["zip_overlap"]


def test_it_refuses_an_entry_inside_the_bytes_of_another(tmp_path: Path) -> None:
    inner = make_zip({"b": b"x" * 1000}, ZIP_STORED)
    outer = make_zip({"a": inner, "b": b"x" * 1000}, ZIP_STORED)
    central = outer.rindex(b"PK\1\2")
    changed = bytearray(outer)
    changed[central + 42 : central + 46] = outer.index(b"PK\3\4", 4).to_bytes(4, "little")

    assert codes(put(tmp_path, bytes(changed))) == ["zip_overlap"]


def test_it_refuses_what_unpacks_to_far_too_much(tmp_path: Path) -> None:
    path = put(tmp_path, make_zip({"bomb": bytes(64 << 20), "b": NOISE}))

    assert outcome(path) == [("knees.zip/bomb", "zip_ratio"), ("knees.zip/b", NOISE)]


def test_it_takes_a_small_blank_image(tmp_path: Path) -> None:
    path = put(tmp_path, make_zip({"blank": bytes(500_000), "noise": NOISE}))

    assert codes(path) == []


def test_many_small_entries_do_not_get_around_the_ratio(tmp_path: Path) -> None:
    path = put(tmp_path, make_zip({str(n): bytes(1 << 20) for n in range(50)}))

    found = codes(path)

    assert found
    assert set(found) == {"zip_ratio"}


def test_it_counts_the_whole_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MAX_TOTAL_BYTES", 4 << 20)
    path = put(tmp_path, make_zip({"a": NOISE, "b": NOISE, "c": b"x"}))

    assert codes(path) == ["zip_too_large", "zip_too_large"]


@pytest.mark.parametrize("size", [10, 1 << 20, 3 << 30])
def test_a_declared_size_is_not_believed(tmp_path: Path, size: int) -> None:
    path = put(tmp_path, declaring(make_zip({"a": NOISE[:5000]}), size))

    [code] = codes(path)

    assert code == ("too_large" if size > 1 << 30 else "zip_damaged")


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/evil", "C:\\evil", "..\\evil"])
def test_it_refuses_paths_that_lead_out(tmp_path: Path, name: str) -> None:
    assert codes(put(tmp_path, make_entry(name, b"x"))) == ["zip_path"]


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644, stat.S_IFCHR])
def test_it_refuses_links_and_devices(tmp_path: Path, mode: int) -> None:
    assert codes(put(tmp_path, make_entry("link", b"/etc/passwd", mode=mode))) == ["zip_link"]


def test_it_refuses_a_zip_in_a_zip(tmp_path: Path) -> None:
    path = put(tmp_path, make_zip({"inner": make_zip({"a": b"x"}), "b": b"x"}))

    assert outcome(path) == [("knees.zip/inner", "zip_nested"), ("knees.zip/b", b"x")]


def test_it_refuses_what_is_encrypted(tmp_path: Path) -> None:
    assert codes(put(tmp_path, encrypted(make_zip({"a": b"x"})))) == ["zip_encrypted"]


@pytest.mark.parametrize("compression", [ZIP_BZIP2, ZIP_LZMA])
def test_it_refuses_methods_whose_memory_the_sender_sets(tmp_path: Path, compression: int) -> None:
    assert codes(put(tmp_path, make_zip({"a": b"x" * 1000}, compression))) == ["zip_method"]


def test_it_refuses_damage_and_takes_the_rest(tmp_path: Path) -> None:
    data = bytearray(make_zip({"a": NOISE[:5000], "b": b"x"}, ZIP_STORED))
    data[1000] ^= 0xFF  # in the bytes of the first
    damaged = put(tmp_path, bytes(data))

    assert outcome(damaged) == [("knees.zip/a", "zip_damaged"), ("knees.zip/b", b"x")]


@pytest.mark.parametrize("cut", [10, 60, 5_000])
def test_it_refuses_a_zip_that_was_cut(tmp_path: Path, cut: int) -> None:
    whole = make_zip({"a": NOISE[:5000], "b": b"x"})

    assert codes(put(tmp_path, whole[:-cut])) == ["zip_damaged"]


def test_no_mutant_of_a_zip_escapes(tmp_path: Path) -> None:
    whole, luck = make_zip({"a": NOISE[:300], "b": bytes(300)}), random.Random(3)

    for _ in range(500):
        mutant = bytearray(whole)
        for _ in range(luck.randint(1, 4)):
            mutant[luck.randrange(len(mutant))] = luck.randrange(256)
        for name, data in outcome(put(tmp_path, b"PK\3\4" + bytes(mutant[4:]))):
            assert name.startswith("knees.zip")
            assert isinstance(data, str) or len(data) <= 300
