"""Sends files to the listener of an instance by C-STORE, as a modality does."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pydicom
from pynetdicom import AE, _config

from tests.instance import ROOT, Instance, free_port

PEER, HERE = "BENCH", "OSTEON"


@contextmanager
def listening(instance: Instance) -> Generator[int]:
    """`manage.py listen` of the instance; yields its port. What it writes goes into the data folder."""
    port = free_port()
    command = ["listen", "--port", str(port), "--peer", PEER, "--ae-title", HERE]
    with (instance.data / "listen.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), *command],
            env=instance.environment,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    try:
        assert process.stdout is not None
        if not process.stdout.readline().startswith(b"Listening"):
            raise RuntimeError(f"The listener did not start; see {instance.data / 'listen.log'}.")
        yield port
    finally:
        process.terminate()
        process.wait(60)


def c_store(port: int, paths: list[Path]) -> int:
    """How many were taken; what pynetdicom cannot send counts as not."""
    _config.STORE_SEND_CHUNKED_DATASET = True  # as it stands in the file, damage and all
    return sum(_was_taken(port, path) for path in paths)


def _was_taken(port: int, path: Path) -> bool:
    entity = AE(PEER)
    try:
        meta = pydicom.filereader.read_file_meta_info(path)
        entity.add_requested_context(meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID)
        association = entity.associate("127.0.0.1", port, ae_title=HERE)
        try:
            answer = association.send_c_store(path)
        finally:
            association.release()
    except Exception:  # pynetdicom raises a dozen kinds on files that are no DICOM
        return False
    return bool(answer.get("Status") == 0x0000)
