"""The peer of the archive: Orthanc with its DICOMweb plugin, from Debian's packages, in a folder of its own."""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.instance import FOLDER, free_port

PACKAGES = ("orthanc", "orthanc-dicomweb")
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
HOW = f"apt-get install {' '.join(PACKAGES)}"


def program() -> Path | None:
    """Where Orthanc stands; installed first where that can be done, None where not."""
    found = _found()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
            quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", "-qq", *command], env=quiet, check=False)
        found = _found()
    return found


def _found() -> Path | None:
    where = shutil.which("Orthanc", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    return Path(where) if where and PLUGIN.exists() else None


@contextmanager
def running(orthanc: Path) -> Generator[str]:
    """Its address, while it runs on this machine alone, with the settings that it comes with."""
    folder, port = FOLDER / "orthanc", free_port()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = {
        "StorageDirectory": str(folder),
        "IndexDirectory": str(folder),
        "HttpPort": port,
        "HttpBindAddresses": ["127.0.0.1"],
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomServerEnabled": False,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen(
            [str(orthanc), str(folder / "orthanc.json")], stdout=log, stderr=log
        )
    try:
        origin = f"http://127.0.0.1:{port}"
        _wait(origin, process, folder / "orthanc.log")
        yield origin
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(origin: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{origin}/dicom-web/studies", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Orthanc did not start:\n{log.read_text(errors='replace')[-2000:]}")
