"""`make bench`: all benchmarks; `make bench ONLY=worklist`: one."""

import sys
from collections.abc import Callable

from tests.benchmarks import (
    archive,
    background,
    demo,
    hostile,
    identities,
    jobs,
    knees,
    knees_card,
    losses,
    lumbar,
    now,
    phantoms,
    reading,
    registry,
    throughput,
    volumes,
    worklist,
)
from tests.benchmarks.figures import Figure, save, show, write_page

# name: measures, returns its figures and the notes that stand under them
BENCHMARKS: dict[str, Callable[[], tuple[list[Figure], str]]] = {
    "worklist": worklist.measure,
    "reading": reading.measure,
    "losses": losses.measure,
    "demo": demo.measure,
    "knees": knees.measure,
    "knees_card": knees_card.measure,
    "lumbar": lumbar.measure,
    "phantoms": phantoms.measure,
    "volumes": volumes.measure,
    "registry": registry.measure,
    "throughput": throughput.measure,
    "now": now.measure,
    "background": background.measure,
    "jobs": jobs.measure,
    "archive": archive.measure,
    "hostile": hostile.measure,
    "identities": identities.measure,
}


def main(only: str) -> int:
    if only and only not in BENCHMARKS:
        print(
            f"There is no benchmark {only!r}; there are {', '.join(BENCHMARKS)}.", file=sys.stderr
        )
        return 2
    missed = []
    for name in [only] if only else list(BENCHMARKS):
        print(f"== {name}", flush=True)
        figures, notes = BENCHMARKS[name]()
        if not figures:  # it has said why
            continue
        show(figures)
        save(figures)
        write_page(name, figures, notes)
        missed += [figure.key for figure in figures if figure.holds is False]
    if missed:
        print(f"Missed: {', '.join(missed)}.", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
