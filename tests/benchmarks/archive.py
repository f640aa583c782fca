"""`make bench ONLY=archive`: the archive's parts, one after another, as one section."""

from tests.benchmarks import archive_ct, archive_dicomweb, archive_page, archive_set
from tests.benchmarks.figures import Figure

PARTS = (archive_set, archive_dicomweb, archive_ct, archive_page)


def measure() -> tuple[list[Figure], str]:
    """The figures of all parts, and what each says of how it measured."""
    figures: list[Figure] = []
    notes: list[str] = []
    for part in PARTS:
        found, said = part.measure()
        figures += found
        notes.append(said.strip())
    return figures, "\n\n".join(notes)
