"""The DICOM listener with real callers: pynetdicom here, dcmtk's programs where they are installed."""

import logging
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from django.db import connections
from pydicom.dataset import Dataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
)
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from archive.ingest import ingest_bytes
from archive.listener import Listener
from archive.models import Instance, Upload, UploadItem
from archive.sealing import unseal
from tests.factories.archive import file_bytes, make_dataset, make_file
from tests.instance import free_port
from tests.jobs.processes import Process, wait_for_port

pytestmark = pytest.mark.django_db(transaction=True)
PEER, HERE = "MODALITY1", "OSTEON"


@pytest.fixture
def port() -> Iterator[int]:
    number = free_port()
    listener = Listener("127.0.0.1", number, HERE, [PEER, "PACS"])
    listener.start()
    try:
        yield number
    finally:
        listener.stop()
        connections.close_all()


@contextmanager
def calling(
    port: int, title: str = PEER, syntaxes: tuple[str, ...] = (ExplicitVRLittleEndian,)
) -> Iterator[Association]:
    entity = AE(title)
    entity.add_requested_context(Verification)
    for syntax in syntaxes:
        entity.add_requested_context(ComputedRadiographyImageStorage, syntax)
    association = entity.associate("127.0.0.1", port, ae_title=HERE)
    try:
        yield association
    finally:
        if association.is_established:
            association.release()


def dataset(data: bytes, tmp_path: Path) -> Dataset:
    path = tmp_path / "sent.dcm"
    path.write_bytes(data)
    return pydicom.dcmread(path)


def the_upload() -> Upload:
    """The one delivery, once its report is complete."""
    upload = Upload.objects.get()
    assert (upload.way, upload.state, upload.by) == ("listener", "done", None)
    return upload


def test_it_answers_an_echo_and_makes_no_delivery_of_it(port: int) -> None:
    with calling(port) as association:
        assert association.send_c_echo().Status == 0x0000

    assert not Upload.objects.exists()


def test_it_stores_what_is_sent_before_it_says_so(
    port: int, tmp_path: Path, originals: Path
) -> None:
    pixels = np.arange(120, dtype=np.uint16).reshape(12, 10)
    sent = dataset(make_file(pixels, PatientName="Lovelace^Ada"), tmp_path)

    with calling(port) as association:
        status = association.send_c_store(sent)
        instance = Instance.objects.get()
        stored = originals / instance.file

    assert status.Status == 0x0000
    assert (pydicom.dcmread(stored).pixel_array == pixels).all()
    assert b"Lovelace" not in stored.read_bytes()
    assert list((tmp_path / "incoming").iterdir()) == []


def test_an_association_is_one_delivery_with_a_report(tmp_path: Path) -> None:
    listener = Listener("127.0.0.1", free_port(), HERE, [PEER])
    listener.start()
    good, bad = make_dataset(), make_dataset(Rows=4000)
    try:
        with calling(listener.port) as association:
            statuses = [
                association.send_c_store(dataset(file_bytes(ds), tmp_path))
                for ds in (good, good, bad)
            ]
    finally:
        listener.stop()

    upload = the_upload()
    assert [status.Status for status in statuses] == [0x0000, 0x0000, 0xC000]
    assert statuses[2].ErrorComment == UploadItem.objects.last().code  # type: ignore[union-attr]
    assert (upload.taken, upload.already, upload.refused) == (1, 1, 1)
    names = [unseal(item.sealed_name) for item in upload.items.all()]
    assert names == [f"{PEER} {ds.SOPInstanceUID}" for ds in (good, good, bad)]


def test_what_came_by_another_way_is_already_here(port: int, tmp_path: Path) -> None:
    ds = make_dataset()
    ingest_bytes("file.dcm", file_bytes(ds))  # with another meta group than the network gives it

    with calling(port) as association:
        status = association.send_c_store(dataset(file_bytes(ds), tmp_path))

    assert status.Status == 0x0000
    assert Instance.objects.count() == 1


def test_another_image_under_a_known_uid_is_refused(port: int, tmp_path: Path) -> None:
    ds = make_dataset()
    ingest_bytes("file.dcm", file_bytes(ds))
    ds.PixelData = b"\1" * len(ds.PixelData)

    with calling(port) as association:
        status = association.send_c_store(dataset(file_bytes(ds), tmp_path))

    assert (status.Status, status.ErrorComment) == (0xA900, "other_bytes")


def test_a_stranger_is_rejected_with_a_line_in_the_log(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "archive.listener")

    with calling(port, "STRANGER") as association:
        assert association.is_rejected

    assert "'STRANGER' at 127.0.0.1 was refused" in caplog.text


def test_no_value_of_an_instance_leads_to_a_path(port: int, tmp_path: Path) -> None:
    ds = make_dataset(StudyDescription="../../../../evil")
    ds.SOPInstanceUID = "../../../evil"
    sent = dataset(make_file(), tmp_path)
    sent.SOPInstanceUID = sent.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    before = {path for path in tmp_path.rglob("*") if path.is_file()}

    with calling(port) as association:
        status = association.send_c_store(sent)

    assert status.Status != 0x0000
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before
    assert not list(tmp_path.parent.glob("evil*"))


def test_a_full_disk_is_told_to_the_sender(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("archive.store.os.fsync", full)

    with calling(port) as association:
        status = association.send_c_store(dataset(make_file(), tmp_path))

    assert (status.Status, status.ErrorComment) == (0xA700, "The archive's disk is full")
    assert not Instance.objects.exists()


@pytest.mark.parametrize(
    ("limit", "value"),
    [("archive.listener.MAX_FILE_BYTES", 1 << 20), ("archive.receive.SPARE_BYTES", 1 << 60)],
)
def test_a_caller_who_sends_without_end_is_cut_off(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    large = dataset(make_file(np.zeros((2048, 2048), np.uint16)), tmp_path)
    with monkeypatch.context() as patched, calling(port) as association:
        patched.setattr(limit, value)
        status = association.send_c_store(large)

    assert status == Dataset()  # no answer came
    assert not Instance.objects.exists()
    with calling(port) as association:
        assert association.send_c_store(dataset(make_file(), tmp_path)).Status == 0x0000
    assert list((tmp_path / "incoming").iterdir()) == []


def test_it_leaves_room_for_the_database(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, calling(port) as association:
        patched.setattr("archive.receive.SPARE_BYTES", 1 << 60)
        status = association.send_c_store(dataset(make_file(), tmp_path))

    assert (status.Status, status.ErrorComment) == (0xA700, "The archive's disk is full")


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian, JPEG2000Lossless])
def test_it_accepts_the_transfer_syntaxes_that_files_may_have(port: int, syntax: str) -> None:
    with calling(port, syntaxes=(syntax,)) as association:
        accepted = {context.transfer_syntax[0] for context in association.accepted_contexts}

    assert syntax in accepted


@pytest.mark.skipif(shutil.which("storescu") is None, reason="dcmtk is not installed: storescu")
def test_dcmtk_sends_to_the_command(tmp_path: Path) -> None:
    number, log = free_port(), tmp_path / "listen.log"
    incoming = tmp_path / "data"
    listen = Process(
        ["manage", "listen", "--port", str(number), "--peer", PEER], log, OSTEON_DATA=str(incoming)
    )
    files = [tmp_path / f"{n}.dcm" for n in range(3)]
    for file in files:
        file.write_bytes(make_file())
    files[2].write_bytes(make_file(Rows=4000))
    address = ["-aet", PEER, "-aec", HERE, "127.0.0.1", str(number)]
    try:
        wait_for_port(number, listen)
        echo = subprocess.run(["echoscu", *address], capture_output=True, check=False)
        stranger = subprocess.run(
            ["echoscu", "-aet", "STRANGER", *address[2:]], capture_output=True, check=False
        )
        sent = subprocess.run(
            ["storescu", *address, *map(str, files)], capture_output=True, check=False
        )
    finally:
        assert listen.stop() == 0

    assert (echo.returncode, stranger.returncode != 0) == (0, True)
    assert b"Rejected Permanent" in stranger.stderr + stranger.stdout
    assert sent.returncode != 0  # the third was refused
    upload = the_upload()
    assert (upload.taken, upload.refused) == (2, 1)
    assert Instance.objects.count() == 2
    told = log.read_text()
    assert "'STRANGER' at 127.0.0.1 was refused" in told
    assert not any(
        uid in told for uid in Instance.objects.values_list("sop_instance_uid", flat=True)
    )
