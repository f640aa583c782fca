"""Files made to do harm, and thousands of sound ones with some bytes changed: nobody dies, nobody is fooled.

A file is silent when it is taken although it must be refused, or with other pixels than pydicom alone reads from
it, or is refused without a code and a sentence. The worker dies when anything but a refusal comes out of it.
"""

import os
import resource
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from archive.sandbox import Sandbox
from tests.benchmarks.figures import Figure

MUTANTS = int(os.environ.get("OSTEON_MUTANTS", "5000"))
FILES = Path(__file__).resolve().parents[1] / "archive" / "files" / "taken"
LONG_SECONDS = 1.0  # a mutant that takes longer is measured again by itself


class Trial:
    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.silent: list[str] = []
        self.deaths: list[str] = []
        self.worst_seconds = self.worst_wall = (
            0.0  # CPU time of a child, start included; time passed
        )

    def alone(self, name: str, data: bytes, allowed: frozenset[str] | None = None) -> None:
        """In a child of its own, whose time and memory the system tells once it has ended."""
        used, started = _children(), time.perf_counter()
        with Sandbox() as sandbox:
            result = self.run(sandbox, name, data)
        self.worst_wall = max(self.worst_wall, time.perf_counter() - started)
        self.worst_seconds = max(self.worst_seconds, _children() - used)
        if allowed and result not in allowed and result not in ("silent", "death"):
            self.silent.append(f"{name}: {result}")

    def run(self, sandbox: Sandbox, name: str, data: bytes) -> str:
        from tests.factories.verdict import Silent, outcome

        try:
            result = outcome(sandbox, data)
        except Silent as reason:
            result = "silent"
            self.silent.append(f"{name}: {reason}")
        except Exception as exc:
            result = "death"
            self.deaths.append(f"{name}: {exc!r:.300}")
        self.outcomes[result] += 1
        return result


def mutants(count: int) -> Iterator[tuple[str, bytes]]:
    """The same ones each time: bytes changed, cut out, put in or repeated, most of them in the header."""
    rng = np.random.default_rng(20_260)
    originals = [(path.name, path.read_bytes()) for path in sorted(FILES.iterdir())]
    for number in range(count):
        name, data = originals[number % len(originals)]
        mutant = bytearray(data)
        for _ in range(int(rng.integers(1, 5))):
            end = min(len(mutant), 1_500) if rng.random() < 0.7 else len(mutant)
            _change(mutant, int(rng.integers(132, max(end, 133))), rng)
        yield f"{name} #{number}", bytes(mutant)


def _change(mutant: bytearray, at: int, rng: np.random.Generator) -> None:
    kind = rng.random()
    size = int(rng.integers(1, 9))
    if kind < 0.85:
        mutant[at : at + 1] = bytes([int(rng.integers(0, 256))])
    elif kind < 0.88:  # a length, perhaps
        mutant[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\xfe\xff\xff\xff", b"\0\0\0\0"])
    elif kind < 0.91:
        del mutant[at : at + size]
    elif kind < 0.94:
        mutant[at:at] = rng.bytes(size)
    elif kind < 0.97:
        mutant[at:at] = mutant[at : at + 8 * size]
    else:
        del mutant[at:]


def measure() -> tuple[list[Figure], str]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    warnings.simplefilter("ignore")
    from tests.factories.hostile import CASES

    cases, mutated = Trial(), Trial()
    for case in CASES:
        cases.alone(case.name, case.make(), case.outcomes)
    with Sandbox() as sandbox:
        for name, data in mutants(MUTANTS):
            started = time.perf_counter()
            mutated.run(sandbox, name, data)
            if time.perf_counter() - started > LONG_SECONDS:
                mutated.alone(name, data)
    silent, deaths = cases.silent + mutated.silent, cases.deaths + mutated.deaths
    for line in (*silent, *deaths):
        print(line)
    figures = [
        Figure("hostile.worker_deaths", len(deaths), "≤ 0", "anything but a refusal came out"),
        Figure("hostile.silent", len(silent), "≤ 0", "taken wrongly, or refused without a reason"),
        Figure(
            "hostile.worst_seconds",
            max(cases.worst_seconds, mutated.worst_seconds),
            "≤ 10",
            "CPU time of the judging process for one file, its start included",
        ),
        Figure("hostile.worst_mb", _peak_mb(), "≤ 1500", "resident, of any judging process"),
        Figure("hostile.cases", len(CASES), "≥ 60"),
        Figure("hostile.mutants", MUTANTS, "≥ 5000"),
        Figure(
            "hostile.worst_wall_seconds",
            max(cases.worst_wall, mutated.worst_wall),
            what="time passed, on a machine that does other things too",
        ),
    ]
    return figures, f"Cases: {_words(cases)}.\n\nMutants: {_words(mutated)}."


def _words(trial: Trial) -> str:
    return ", ".join(f"{count} {result}" for result, count in trial.outcomes.most_common())


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
