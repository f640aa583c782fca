"""The CSV that says of each picture whose it is: `file,patient_id,laterality,body_part_examined`, more is ignored."""

import csv
from collections import Counter
from pathlib import PurePosixPath

from .refused import Refused
from .secondary_capture import Attributes

SIDES = {"R": "R", "L": "L", "B": "B", "RIGHT": "R", "LEFT": "L", "BOTH": "B", "": ""}


class PictureTable:
    """Finds a picture's row by its path; the CSV's paths may start higher or lower in the tree."""

    def __init__(self, rows: dict[str, Attributes]) -> None:
        self._by_path = rows
        names = Counter(PurePosixPath(path).name for path in rows)
        self._by_name = {
            PurePosixPath(path).name: attributes
            for path, attributes in rows.items()
            if names[PurePosixPath(path).name] == 1
        }

    def find(self, path: str) -> Attributes | None:
        parts = PurePosixPath(path.replace("\\", "/")).parts
        for start in range(len(parts)):
            if found := self._by_path.get("/".join(parts[start:])):
                return found
        return self._by_name.get(parts[-1]) if parts else None


def read_csv(text: str, body_part_examined: str = "") -> PictureTable:
    """`body_part_examined` is of rows that do not say it. Raises Refused, with the line where it fails.

    A refusal repeats no value: the report keeps its sentence in the clear, and any cell may name a patient.
    """
    reader = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    try:
        return PictureTable(_rows(reader, body_part_examined))
    except csv.Error as exc:
        raise Refused(
            f"has no line of a table in line {reader.line_num + 1} ({exc}); correct it."
        ) from exc


def _rows(reader: "csv.DictReader[str]", body_part_examined: str) -> dict[str, Attributes]:
    missing = {"file", "patient_id"} - set(reader.fieldnames or [])
    if missing:
        raise Refused(
            f"lacks the column {' and '.join(sorted(missing))}; its first line must be"
            " file,patient_id,laterality,body_part_examined."
        )
    rows: dict[str, Attributes] = {}
    for row in reader:
        file = (row["file"] or "").strip().replace("\\", "/").removeprefix("./")
        patient_id = (row["patient_id"] or "").strip()
        side = (row.get("laterality") or "").strip().upper()
        line = reader.line_num
        if not file or not patient_id or len(patient_id) > 64:
            raise Refused(
                f"needs a file and a patient_id of at most 64 characters in line {line}; correct it."
            )
        if side not in SIDES:
            raise Refused(
                f"has an unknown laterality in line {line}; R, L, B or nothing is possible."
            )
        body = (row.get("body_part_examined") or body_part_examined).strip().upper()[:16]
        rows[file] = Attributes(patient_id, SIDES[side], body)
    return rows
