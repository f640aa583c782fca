"""Storing, frames and metadata over DICOMweb, beside Orthanc in the same run: the same files, the same clients.

Both servers run all the time and are asked in turns, so that whatever else the machine does hits both.
"""

import json
import random
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from tests.benchmarks import orthanc
from tests.benchmarks.archive_files import files
from tests.benchmarks.figures import Figure
from tests.benchmarks.worklist import percentile
from tests.instance import FOLDER, Instance, running

CLIENTS = Path(__file__).with_name("archive_clients.py")
BODIES = FOLDER / "stow"
BOUNDARY = "osteon-benchmark"
STOW_TYPE = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
OCTETS = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
A_REQUEST = 10  # instances
SENDERS, READERS = 4, 10
ROUNDS, SECONDS = 4, 5.0
TURNS, WARMING = 5, 0.1
PROMISES = {
    "archive.stow_ratio": ("≥ 0.5", "STOW of 1,000 MR and CR instances: instances/s over Orthanc's"),
    "archive.frame_ratio": ("≥ 2", "frames, the worse of CR 2048² and MR 256²: Orthanc's p95 over ours"),
    "archive.frame_ratio_cr": ("≥ 2", "frames, CR 2048² alone"),
    "archive.frame_ratio_mr": ("≥ 2", "frames, MR 256² alone"),
    "archive.metadata_ratio": ("≥ 1", "series metadata: Orthanc's p95 over ours"),
}  # fmt: skip
STAFF = """
from accounts.models import User
from knox.models import AuthToken
print(AuthToken.objects.create(user=User.objects.create_user("bench", is_staff=True))[1])
"""


@dataclass
class Peer:
    """A server, how it is asked, and what was measured of it."""

    origin: str
    root: str
    headers: dict[str, str]
    times: dict[str, list[float]] = field(default_factory=dict)
    stored: int = 0
    counted: int = 0  # of these, in so many seconds
    seconds: float = 0.0

    def ask(self, requests: list[Any], clients: int, seconds: float, accept: str) -> dict[str, Any]:
        """So many clients share the requests: each once (`seconds` 0) or round and round."""
        setup = {
            "requests": requests,
            "clients": clients,
            "seconds": seconds,
            "headers": {**self.headers, "Accept": accept},
        }
        done = subprocess.run(
            [sys.executable, str(CLIENTS), self.origin],
            input=json.dumps(setup),
            capture_output=True,
            text=True,
            check=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        if answer["errors"]:
            raise RuntimeError(f"{self.origin}: {answer['errors'][0]}")
        return answer

    def get(self, what: str) -> list[dict[str, Any]]:
        headers = {**self.headers, "Accept": "application/dicom+json"}
        request = urllib.request.Request(f"{self.origin}{self.root}/{what}", headers=headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            found: list[dict[str, Any]] = json.load(answer) if answer.status == 200 else []
            return found

    def p95(self, what: str) -> float:
        return percentile(self.times[what], 0.95)

    def median(self, what: str) -> float:
        return statistics.median(self.times[what])


def measure(share: float = 1.0) -> tuple[list[Figure], str]:
    """`share` of the files, for a quick look."""
    program = orthanc.program()
    if program is None:
        missed = [Figure(key, 0, *promise) for key, promise in PROMISES.items()]
        return missed, f"Orthanc is not installed here, so nothing was measured: `{orthanc.HOW}`.\n"
    shutil.rmtree(BODIES, ignore_errors=True)
    warming, bodies = write_bodies("warming", WARMING), write_bodies("counted", share)
    try:
        with orthanc.running(program) as origin, running("archive") as instance:
            peers = (Peer(origin, "/dicom-web", {}), ours(instance))
            store_in_turn(peers, warming)  # what starts with the first request is not counted
            for peer in peers:
                peer.seconds, peer.counted = 0.0, 0
            store_in_turn(peers, bodies)
            wait_for_all(peers)
            targets = {peer.origin: requests_of(peer) for peer in peers}
            for number in range(ROUNDS):
                for what, accept in (
                    ("frames", OCTETS),
                    ("CR", OCTETS),
                    ("MR", OCTETS),
                    ("metadata", "application/dicom+json"),
                ):
                    for peer in in_turn(peers, number):
                        answer = peer.ask(targets[peer.origin][what], READERS, SECONDS, accept)
                        peer.times.setdefault(what, []).extend(answer["times"])
    finally:
        shutil.rmtree(BODIES, ignore_errors=True)
    return figures_of(*peers), notes_of(*peers)


def write_bodies(name: str, share: float) -> list[Path]:
    """The bodies of the STOW requests, ready to be sent."""
    (BODIES / name).mkdir(parents=True)
    written: list[Path] = []
    waiting: list[bytes] = []
    for data in chain(files(share), (b"",)):
        if waiting and (not data or len(waiting) == A_REQUEST):
            path = BODIES / name / f"{len(written)}.body"
            path.write_bytes(b"".join(body_of(waiting)))
            written.append(path)
            waiting = []
        waiting.append(data)
    return written


def body_of(instances: list[bytes]) -> Iterator[bytes]:
    for data in instances:
        yield f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        yield data
        yield b"\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


def ours(instance: Instance) -> Peer:
    token = instance.manage("shell", "--no-imports", "-v0", "-c", STAFF).strip()
    return Peer(instance.origin, "/dicomweb", {"Authorization": f"Token {token}"})


def in_turn(peers: tuple[Peer, Peer], number: int) -> tuple[Peer, Peer]:
    return peers if number % 2 else (peers[1], peers[0])


def store_in_turn(peers: tuple[Peer, Peer], bodies: list[Path]) -> None:
    for turn in range(TURNS):
        for peer in in_turn(peers, turn):
            store(peer, bodies[turn::TURNS])


def store(peer: Peer, bodies: list[Path]) -> None:
    requests = [
        {"path": f"{peer.root}/studies", "file": str(path), "type": STOW_TYPE} for path in bodies
    ]
    answer = peer.ask(requests, SENDERS, 0, "application/dicom+json")
    peer.seconds += answer["wall"]
    count = sum(path.read_bytes().count(f"--{BOUNDARY}\r\n".encode()) for path in bodies)
    peer.stored += count
    peer.counted += count


def wait_for_all(peers: tuple[Peer, Peer]) -> None:
    """What waits for a look at its pixels can be seen a moment later."""
    end = time.monotonic() + 1_800
    for peer in peers:
        while len(peer.get("instances?limit=5000")) < peer.stored:
            if time.monotonic() > end:
                raise RuntimeError(f"{peer.origin} does not show all that it was sent.")
            time.sleep(2)


def requests_of(peer: Peer) -> dict[str, list[str]]:
    """What is asked: frames of both kinds in turn and apart, and the metadata of MR series."""
    frames: dict[int, list[str]] = {256: [], 2048: []}
    series = set()
    for found in peer.get("instances?limit=5000&includefield=Rows"):
        rows = found["00280010"]["Value"][0]
        uids = [found[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018")]
        place = f"{peer.root}/studies/{uids[0]}/series/{uids[1]}"
        if rows in frames:
            frames[rows].append(f"{place}/instances/{uids[2]}/frames/1")
        if rows == 256:
            series.add(f"{place}/metadata")
    dice = random.Random(7)
    large, small = frames[2048], dice.sample(frames[256], min(len(frames[256]), len(frames[2048])))
    return {
        "frames": list(chain.from_iterable(zip(large, small, strict=False))),
        "CR": large,
        "MR": frames[256],
        "metadata": sorted(series),
    }


def figures_of(peer: Peer, mine: Peer) -> list[Figure]:
    large, small = (peer.p95(what) / mine.p95(what) for what in ("CR", "MR"))
    ratios = {
        "archive.stow_ratio": (mine.counted / mine.seconds) / (peer.counted / peer.seconds),
        "archive.frame_ratio": min(large, small),
        "archive.frame_ratio_cr": large,
        "archive.frame_ratio_mr": small,
        "archive.metadata_ratio": peer.p95("metadata") / mine.p95("metadata"),
    }
    return [
        *(Figure(key, ratio, *PROMISES[key]) for key, ratio in ratios.items()),
        Figure("archive.stow_per_s", mine.counted / mine.seconds, "", "instances/s"),
        Figure("archive.frame_ratio_both", peer.p95("frames") / mine.p95("frames"), "", "in turn"),
    ]


def notes_of(peer: Peer, mine: Peer) -> str:
    names = {"frames": "frames, both in turn", "CR": "frames CR 2048²", "MR": "frames MR 256²", "metadata": "series metadata"}  # fmt: skip
    rows = "\n".join(
        f"| {name} | {mine.median(what) * 1e3:.1f} / {mine.p95(what) * 1e3:.1f}"
        f" | {peer.median(what) * 1e3:.1f} / {peer.p95(what) * 1e3:.1f} |"
        for what, name in names.items()
    )
    return (
        f"Orthanc (Debian's packages, as they come, no sign-in) and Osteon (token, rights, inspection and"
        f" de-identification on) run side by side and are asked in turns. STOW: {A_REQUEST} instances a request,"
        f" {SENDERS} senders; {mine.counted / mine.seconds:.1f} instances/s here,"
        f" {peer.counted / peer.seconds:.1f} there. The rest: {READERS} clients, p50 / p95 ms.\n\n"
        f"| | Osteon | Orthanc |\n|---|---|---|\n{rows}\n"
    )


if __name__ == "__main__":
    figures, notes = measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
    for figure in figures:
        print(f"{figure.key:28} {figure.value:8.3f} {figure.limit:6} {figure.verdict}")
    print(notes)
