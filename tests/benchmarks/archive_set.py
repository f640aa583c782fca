"""The developers' set of real files: what pydicom alone can read comes in with the same pixels, the rest says why not."""

import logging
import os
import warnings
from collections import Counter
from pathlib import Path

from archive.sandbox import Sandbox
from archive.secondary_capture import is_picture
from tests.benchmarks.figures import Figure

ALL = Path(
    os.environ.get(
        "OSTEON_DICOM_FILES", Path(__file__).resolve().parents[3] / "shared" / "data" / "dicom"
    )
)
BESIDE = {".md", ".csv"}


def measure() -> tuple[list[Figure], str]:
    """archive.taken, archive.refused and archive.silently_wrong; no figures where the set is not there."""
    if not ALL.is_dir():
        return [], f"{ALL} is not here; set OSTEON_DICOM_FILES to a folder of DICOM files."
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # else a line for each request to come
    warnings.simplefilter("ignore")
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    with Sandbox() as sandbox:
        for path in sorted(ALL.rglob("*")):
            if path.is_file() and path.suffix not in BESIDE and not is_picture(path.read_bytes()):
                result = _judge(sandbox, path, wrong)
                outcomes[result] += 1
    for line in wrong:
        print(line)
    refused = sum(outcomes.values()) - outcomes["taken"] - outcomes["wrong"]
    figures = [
        Figure(
            "archive.taken", outcomes["taken"], what="of the set; all whose pixels pydicom reads"
        ),
        Figure("archive.refused", refused, what="of the set, each with a code and a sentence"),
        Figure(
            "archive.silently_wrong",
            len(wrong),
            "≤ 0",
            "other pixels than pydicom's, or refused though pydicom reads them",
        ),
    ]
    words = ", ".join(f"{count} {result}" for result, count in outcomes.most_common())
    return figures, f"Of the set: {words}."


def _judge(sandbox: Sandbox, path: Path, wrong: list[str]) -> str:
    from tests.factories.verdict import Silent, original, outcome

    data = path.read_bytes()
    try:
        result = outcome(sandbox, data)
    except Silent as reason:
        wrong.append(f"{path.name}: {reason}")
        return "wrong"
    if result != "taken":
        try:
            pixels = original(data).pixel_array
        except Exception:
            return result
        wrong.append(f"{path.name}: {result}, though pydicom reads {pixels.shape}")
    return result
