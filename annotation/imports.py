"""Takes labels that were made elsewhere: a table's rows become submitted reads of one reader, and so references."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TextIO

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from annotation import catalogue, checking, forms, splits, when
from annotation.cases import build_cases
from annotation.kinds import KINDS
from annotation.models import Annotation, Case, Form, Task
from archive.deidentify import patient_key
from jobs.events import announce

BATCH = 2000
SIDES = {
    "": "",
    "R": "R",
    "L": "L",
    "B": "",
    "RIGHT": "R",
    "LEFT": "L",
    "BOTH": "",
}  # a case of both has none
NOT_ASSESSABLE = {"na", "n/a", "not assessable", "not_assessable"}


class Row(NamedTuple):
    """A line of the table: whose image, and what it says."""

    line: int
    name: str  # of the file, for the report
    patient_id: str  # as in the archive, de-identified
    laterality: str
    split: str
    cells: Mapping[str, str]


class Imported(NamedTuple):
    written: int
    already: int  # this reader has an answer to that case; it stays
    wrong: list[str]  # rows with an answer that the form does not take: a sentence a row
    unmatched: list[str]  # rows that fit no case, or several


class Unmatched(ValueError):
    """A row that fits no case, or several."""


class TableProblem(ValueError):
    """A table that cannot be understood as a whole; its text is a sentence for people."""


def read_table(file: TextIO) -> list[Row]:
    """The rows of a CSV with the columns patient_id, laterality, one a slot and, if wanted, file and split.

    Raises TableProblem naming the line.
    """
    reader = csv.DictReader(file)
    try:
        missing = {"patient_id", "laterality"} - set(reader.fieldnames or [])
        if missing:
            raise TableProblem(f"The table has no column {' and '.join(sorted(missing))}.")
        return [
            _row(reader.line_num, {k: (v or "").strip() for k, v in row.items() if k})
            for row in reader
        ]
    except csv.Error as exc:
        raise TableProblem(
            f"Line {reader.line_num + 1}: it is no line of a table ({exc})."
        ) from exc


def _row(line: int, cells: dict[str, str]) -> Row:
    side, split = cells["laterality"].upper(), cells.get("split", "").lower()
    if side not in SIDES:
        raise TableProblem(
            f"Line {line}: laterality {cells['laterality']!r} must be R, L, B or empty."
        )
    if split not in ("", *splits.Split.values):
        raise TableProblem(f"Line {line}: split {split!r} must be train, tune, test or empty.")
    if not cells["patient_id"]:
        raise TableProblem(f"Line {line}: patient_id is empty.")
    name = cells.get("file") or f"{cells['patient_id']} {cells['laterality']}".strip()
    return Row(line, name, patient_key(cells["patient_id"]), SIDES[side], split, cells)


def given_splits(task: Task, rows: Iterable[Row]) -> dict[str, str]:
    """The sides that the table fixes, by patient_id; TableProblem where it puts a patient on two."""
    given: dict[str, str] = {}
    for row in rows:
        if row.split and given.setdefault(row.patient_id, row.split) != row.split:
            raise TableProblem(f"Line {row.line}: the patient of {row.name} stands in two splits.")
    return splits.with_tune(task, given)


@transaction.atomic
def import_labels(task: Task, rows: Sequence[Row], reader: User) -> Imported:
    """Builds the cases with the table's splits, then writes its answers as submitted reads of `reader`.

    A case that the reader answered before stays; a row that the form does not take or that fits no case, or several,
    is reported.
    """
    form = catalogue.current_form(task)
    if form is None:
        raise TableProblem(f"Task {task.pk} has no form.")
    columns = _columns(form, rows)
    build_cases(task, given_splits(task, rows))
    cases = _cases(task)
    taken = set(
        Annotation.objects.filter(case__task=task, reader=reader).values_list("case_id", flat=True)
    )
    new: dict[int, Annotation] = {}
    already = 0
    wrong: list[str] = []
    unmatched: list[str] = []
    for row in rows:
        found = cases.get((row.patient_id, row.laterality), [])
        try:
            answers = _answers(form, columns, row)
            case_id = _only(found)
            _check_regions(form, case_id, answers)
        except ValueError as problem:
            kept = unmatched if isinstance(problem, Unmatched) else wrong
            kept.append(f"Line {row.line} ({row.name}): {problem}")
            continue
        if case_id in taken or case_id in new:
            already += 1
        else:
            new[case_id] = _read(case_id, reader, form, answers)
    _write(task, new)
    return Imported(len(new), already, wrong, unmatched)


def answers_by_case(task: Task, rows: Sequence[Row]) -> dict[int, forms.Answers]:
    """What a table says of each case that it fits, without writing anything; other rows are passed over."""
    form = catalogue.current_form(task)
    if form is None:
        raise TableProblem(f"Task {task.pk} has no form.")
    columns, cases = _columns(form, rows), _cases(task)
    found: dict[int, forms.Answers] = {}
    for row in rows:
        try:
            answers = _answers(form, columns, row)
            found[_only(cases.get((row.patient_id, row.laterality), []))] = answers
        except ValueError:
            continue
    return found


def _columns(form: Form, rows: Sequence[Row]) -> dict[str, str]:
    """Which column holds which slot: one of the slot's name, or of its name and kind, as in kl_grade."""
    present = set(rows[0].cells) if rows else set()
    columns = {}
    for slot, field, _ in forms.slots(form.content):
        names = [name for name in (slot, f"{slot}_{field['kind']}") if name in present]
        if names:
            columns[slot] = names[0]
    if rows and not columns:
        wanted = ", ".join(slot.slot for slot in forms.slots(form.content))
        raise TableProblem(f"The table has no column for any field of the form; it needs {wanted}.")
    return columns


def _cases(task: Task) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    rows = Case.objects.filter(task=task).values_list("patient__patient_id", "laterality", "pk")
    for patient_id, laterality, pk in rows:
        found[patient_id, laterality].append(pk)
    return found


def _only(case_ids: list[int]) -> int:
    if not case_ids:
        raise Unmatched("no case of this patient and side is in the task.")
    if len(case_ids) > 1:
        raise Unmatched(
            f"{len(case_ids)} cases of this patient and side are in the task; which one is unclear."
        )
    return case_ids[0]


def _answers(form: Form, columns: Mapping[str, str], row: Row) -> forms.Answers:
    answers: forms.Answers = {}
    for slot, field, _ in forms.slots(form.content):
        text = row.cells.get(columns.get(slot, ""), "")
        if text.lower() in NOT_ASSESSABLE:
            answers[slot] = {"state": forms.NOT_ASSESSABLE}
        elif text:
            value = KINDS[field["kind"]].value_of(field, text)
            answers[slot] = {"state": forms.ANSWERED, "value": value}
    closed = when.closed(form.content["fields"], answers)
    for slot, field, _ in forms.slots(form.content):
        if field.get("required") and slot not in answers and slot not in closed:
            raise ValueError(f"there is no answer to {field['label']}.")
    if problems := forms.validate(form.content, answers, complete=True):
        raise ValueError(next(iter(problems.values())))
    return forms.completed(form.content, answers)


def _check_regions(form: Form, case_id: int, answers: forms.Answers) -> None:
    """ValueError where a region lies on no image of the case."""
    if named := forms.images_named(form.content, answers):
        images = checking.images_of(case_id, named)
        if problems := forms.validate(form.content, answers, complete=True, images=images):
            raise ValueError(next(iter(problems.values())))


def _read(case_id: int, reader: User, form: Form, answers: forms.Answers) -> Annotation:
    return Annotation(
        case_id=case_id,
        reader=reader,
        form=form,
        state=Annotation.State.SUBMITTED,
        version=1,
        answers=answers,
        saved_at=Now(),
        submitted_at=Now(),
    )


def _write(task: Task, reads: Mapping[int, Annotation]) -> None:
    if not reads:
        return
    Annotation.objects.bulk_create(reads.values(), batch_size=BATCH)
    Case.objects.filter(pk__in=reads).update(
        state=Case.State.READ, lease_reader=None, lease_until=None
    )
    announce(task.topic, "cases", None)
