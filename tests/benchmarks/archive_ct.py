"""The memory of a worker that ingests one CT study of 2,000 instances, sent as a page sends it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import httpx
import numpy as np
import psutil
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tests.benchmarks.figures import Figure
from tests.instance import Instance, running

INSTANCES = 2_000
MB = 1 << 20
TUS = {"Tus-Resumable": "1.0.0"}
MAKE_TOKEN = (
    "from accounts.models import User; from knox.models import AuthToken; "
    "print(AuthToken.objects.create(user=User.objects.create_user('bench', is_staff=True))[1])"
)


def slice_of(number: int) -> bytes:
    """One slice of a study: 512 x 512 of 16 bits, signed, with a body's disc and a scanner's noise."""
    rng = np.random.default_rng(number)
    x = np.linspace(-1, 1, 512)
    y = x[:, np.newaxis]
    body = np.where(x**2 + (y * 1.3) ** 2 < 0.6, 40, -1000)
    pixels = (body + rng.normal(0, 12, (512, 512))).astype(np.int16)
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, f"1.2.826.0.1.77.3.{number}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.826.0.1.77.1", "1.2.826.0.1.77.2"
    ds.PatientID, ds.PatientName, ds.Modality = "CT-1", "Bench^Mark", "CT"
    ds.Manufacturer, ds.StudyDate, ds.BodyPartExamined = "Bench", "20240131", "PELVIS"
    ds.ImageType, ds.BurnedInAnnotation = ["ORIGINAL", "PRIMARY", "AXIAL"], "NO"
    ds.InstanceNumber, ds.SeriesNumber = number, 1
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, number], [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing, ds.SliceThickness = [0.8, 0.8], 1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = 0, 1, "HU"
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns, ds.PixelRepresentation = 512, 512, 1
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 16, 15
    ds.add_new("PixelData", "OW", pixels.tobytes())
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


def send(client: httpx.Client) -> int:
    upload = int(client.post("/api/uploads/", json={}).json()["id"])
    for number in range(1, INSTANCES + 1):
        data = slice_of(number)
        headers = TUS | {
            "Upload-Length": str(len(data)),
            "Content-Type": "application/offset+octet-stream",
        }
        answer = client.post(f"/api/uploads/{upload}/files/", content=data, headers=headers)
        answer.raise_for_status()
    return upload


class Memory:
    """The largest memory of the worker and all that it has started, sampled while it works."""

    def __init__(self, worker: psutil.Process) -> None:
        self.worker = worker
        self.rest = self.now()
        self.peak = self.rest
        self._ended = threading.Event()

    def now(self) -> tuple[float, float]:
        """Megabytes: with pages that processes share counted for each of them, and counted once."""
        resident = proportional = 0
        for process in (self.worker, *self.worker.children(recursive=True)):
            try:
                found = process.memory_full_info()
            except psutil.NoSuchProcess:
                continue  # it has ended meanwhile
            resident, proportional = resident + found.rss, proportional + found.pss
        return resident / MB, proportional / MB

    @contextmanager
    def watched(self) -> Iterator[None]:
        def watch() -> None:
            while not self._ended.wait(0.05):
                resident, proportional = self.now()
                self.peak = max(self.peak[0], resident), max(self.peak[1], proportional)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()


def worker_of(instance: Instance, name: str = "ingest") -> psutil.Process:
    """The main process of the worker of that name of this instance."""
    data = str(instance.data)
    for process in psutil.process_iter(["cmdline", "environ"]):
        words = process.info["cmdline"] or []
        ours = (process.info["environ"] or {}).get("OSTEON_DATA") == data
        if ours and f"{name}@%h" in words and process.ppid() != 1:
            parent = process.parent()
            if parent is None or f"{name}@%h" not in parent.cmdline():
                return process
    raise RuntimeError(f"The worker {name} is not there.")


def ingest(client: httpx.Client, upload: int) -> dict[str, int]:
    client.post(f"/api/uploads/{upload}/start/").raise_for_status()
    while True:
        shown = client.get(f"/api/uploads/{upload}/").json()
        if shown["state"] not in ("waiting", "running"):
            if shown["state"] != "done" or shown["taken"] + shown["held"] != INSTANCES:
                raise RuntimeError(f"The ingest went wrong: {shown}")
            return {key: int(shown[key]) for key in ("taken", "held")}
        time.sleep(0.5)


def measure() -> tuple[list[Figure], str]:
    with running("archive-ct") as instance:
        token = instance.manage("shell", "--no-imports", "-v0", "-c", MAKE_TOKEN).strip()
        headers = {"Authorization": f"Token {token}"}
        with httpx.Client(base_url=instance.origin, headers=headers, timeout=120) as client:
            began = time.monotonic()
            upload = send(client)
            sent = time.monotonic() - began
            memory = Memory(worker_of(instance))
            began = time.monotonic()
            with memory.watched():
                counts = ingest(client, upload)
            took = time.monotonic() - began
    figures = [
        Figure("archive.ct_worker_mb", memory.peak[0], "≤ 600", "peak while ingesting a CT study"),
        Figure("archive.ct_worker_rest_mb", memory.rest[0], "", "the same worker before, idle"),
        Figure("archive.ct_worker_pss_mb", memory.peak[1], "", "the peak, shared pages once"),
        Figure("archive.ct_per_s", INSTANCES / took, "", f"instances/s; {counts['held']} held"),
        Figure("archive.ct_send_seconds", sent, "", "making and sending them, one request each"),
    ]
    return figures, (
        f"{INSTANCES:,} slices of 512 x 512 x 16 bits, 1 GB, through an upload; memory of the worker's main process, its "
        "pool and all their children, 20 samples a second. The figure is the plain sum of their resident sizes, which counts "
        "what forked processes share for each of them; `archive.ct_worker_pss_mb` counts such pages once (the sum of their "
        "proportional set sizes), which is what the machine must have.\n"
    )
