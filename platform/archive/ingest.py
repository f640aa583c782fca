"""The one way into the archive, for the command, the upload page, DICOMweb, the listener and the demo.

A batch of files is read, looked up, prepared (inspect → deidentify), stored and recorded. A bad file is refused
with its name and a reason, and the rest go in. Of the files' bytes no more than a batch is in memory at a time.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import DataError, transaction

from . import store
from .models import Instance, Upload
from .name_side import side_of_name
from .pictures_csv import read_csv
from .policy import Policy
from .policy import policy as policy_here
from .prepare import Prepared
from .record import ALREADY, OTHER_BYTES, forget_unnamed, image_of, images, known, record
from .refused import Refused
from .report import HELD, HERE, REFUSED, TAKEN, Book, Item, Report
from .sandbox import MOST_CHILDREN, shared
from .secondary_capture import Attributes, is_picture, sop_instance_uid_of
from .source import Source
from .walk import sources_of, walk

__all__ = [
    "HELD",
    "HERE",
    "REFUSED",
    "TAKEN",
    "Item",
    "Report",
    "Source",
    "ingest_bytes",
    "ingest_paths",
    "ingest_sources",
]

BATCH_FILES, BATCH_BYTES = 64, 64 << 20
WRITERS = 8
CHECKING = "checking"  # the code of what the text detector has not looked at yet

NO_ROW = (
    "is a picture and does not say whose it is; give a CSV with a line for it:"
    " file,patient_id,laterality,body_part_examined."
)
UNSTORABLE = "holds values that the database does not take; send it again from the source."
NOT_CHECKED = "waits until its pixels were searched for names; nobody sees it before."
HELD_UNTIL = "is held until an admin has looked at it."


@dataclass
class _Incoming:
    """A file on its way; `item` is its end, `prepared` how far it came."""

    name: str
    source_hash: str = ""
    sop_instance_uid: str = ""  # of a picture: known before it is wrapped
    data: bytes = b""
    attributes: Attributes | None = None
    prepared: Prepared | None = None
    item: Item | None = None

    def end(self, outcome: str, why: Refused | None = None) -> None:
        uid = self.prepared.instance["sop_instance_uid"] if self.prepared else self.sop_instance_uid
        self.item = Item.of(self.name, outcome, why, uid)
        self.data, self.prepared = b"", None  # free at once: a batch may hold much

    @property
    def prepared_bytes(self) -> int:
        return sum(len(part) for part in self.prepared.parts) if self.prepared else 0


Progress = Callable[[Item], None]


def ingest_paths(
    paths: Iterable[Path | str],
    *,
    csv: Path | str | None = None,
    body_part_examined: str = "",
    upload: Upload | None = None,
    progress: Progress | None = None,
    policy: Policy | None = None,
) -> Report:
    """Takes files, zips and, recursively, folders; `body_part_examined` is of pictures whose row does not say it.

    Raises Refused only for a CSV that cannot be used.
    """
    table = None
    if csv is not None:
        text = Path(csv).read_text(encoding="utf-8-sig", errors="replace")
        table = read_csv(text, body_part_examined)
    skip = Path(csv).resolve() if csv is not None else None
    files = (path for path in walk(paths) if path.resolve() != skip)
    sources = (source for path in files for source in sources_of(path, str(path), table))
    return ingest_sources(sources, upload=upload, progress=progress, policy=policy)


def ingest_bytes(name: str, data: bytes, attributes: Attributes | None = None) -> Item:
    """One file that is in memory."""
    return ingest_sources([Source(name, lambda: data, attributes)]).items[0]


def ingest_sources(
    sources: Iterable[Source],
    *,
    upload: Upload | None = None,
    progress: Progress | None = None,
    policy: Policy | None = None,
    resume: bool = False,
) -> Report:
    """Takes what the sources give, in their order; each is read once, shortly before it is needed.

    With an `upload` the items become its rows; with `resume` the sources are all of that upload, and those that have
    rows already are passed over: so the same sources again go on where a process died. `progress` is told of each item
    once that counts; what it raises ends the ingest there. Raises Overtaken when another process works on the upload,
    OSError when nothing can be stored.
    """
    policy = policy or policy_here()
    book, report = Book(upload), Report()
    for batch in _batches(islice(sources, book.position if resume else 0, None)):
        for items in _ingest_batch(batch, book, policy):
            for item in items:
                report.add(item, keep=upload is None)
                if progress:
                    progress(item)
    return report


def _batches(sources: Iterable[Source]) -> Iterator[list[_Incoming]]:
    """Reads the sources; a batch ends before it holds more than some files or some megabytes."""
    batch: list[_Incoming] = []
    size = 0
    for source in sources:
        if batch and (len(batch) >= BATCH_FILES or size + source.size_bytes > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        incoming = _read(source)
        batch.append(incoming)
        size += len(incoming.data)
    if batch:
        yield batch


def _read(source: Source) -> _Incoming:
    incoming = _Incoming(source.name, attributes=source.attributes)
    try:
        incoming.data = source.read()
    except Refused as reason:
        incoming.end(REFUSED, reason)
        return incoming
    except OSError as exc:
        why = exc.strerror or type(exc).__name__
        incoming.end(
            REFUSED, Refused(f"cannot be read ({why}); check that it exists.", code="unreadable")
        )
        return incoming
    incoming.source_hash = hashlib.sha256(incoming.data).hexdigest()
    if is_picture(incoming.data):
        if source.attributes is None:
            incoming.end(REFUSED, Refused(NO_ROW, code="picture_without_row"))
        else:
            incoming.sop_instance_uid = sop_instance_uid_of(
                incoming.data, source.attributes.patient_id
            )
    return incoming


def _ingest_batch(batch: list[_Incoming], book: Book, policy: Policy) -> Iterator[list[Item]]:
    """The items of the batch, group by group, in its order."""
    _drop_known(batch)
    for group in _groups(batch, policy):
        _drop_conflicts(group)
        ready = _open(group)
        stored = _put([incoming.prepared for incoming in ready if incoming.prepared])
        with transaction.atomic():  # the rows and their line in the report: both or neither
            reasons = _record(ready, stored)
            for incoming, reason in zip(ready, reasons, strict=True):
                incoming.end(*_outcome(incoming, reason))
            items = [incoming.item for incoming in group if incoming.item]
            book.write(items)
        forget_unnamed(
            file.file_hash for file, reason in zip(stored, reasons, strict=True) if reason
        )
        yield items


def _groups(batch: list[_Incoming], policy: Policy) -> Iterator[list[_Incoming]]:
    """Prepares the files; what was small may have become large, so a group ends after some megabytes too."""
    group: list[_Incoming] = []
    size = 0
    for incoming in _prepared(batch, policy):
        group.append(incoming)
        size += incoming.prepared_bytes
        if size >= BATCH_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _prepared(batch: list[_Incoming], policy: Policy) -> Iterator[_Incoming]:
    """The batch in its order, each prepared; as many at once as there are processors, and no further ahead."""
    ahead: deque[tuple[_Incoming, Future[None] | None]] = deque()
    with ThreadPoolExecutor(MOST_CHILDREN) as pool:
        for incoming in batch:
            begun = pool.submit(_prepare, incoming, policy) if incoming.item is None else None
            ahead.append((incoming, begun))
            if len(ahead) > MOST_CHILDREN:
                yield _ended(*ahead.popleft())
        while ahead:
            yield _ended(*ahead.popleft())


def _ended(incoming: _Incoming, begun: Future[None] | None) -> _Incoming:
    if begun is not None:
        begun.result()
    return incoming


def _open(batch: list[_Incoming]) -> list[_Incoming]:
    return [incoming for incoming in batch if incoming.item is None]


def _drop_known(batch: list[_Incoming]) -> None:
    """The same bytes again: no work, no change. A picture counts as the same only for the same patient."""
    waiting = _open(batch)
    here = known(
        [incoming.source_hash for incoming in waiting if not incoming.sop_instance_uid],
        [incoming.sop_instance_uid for incoming in waiting if incoming.sop_instance_uid],
    )
    uid_of_source = {source_hash: uid for uid, source_hash in here.items()}
    for incoming in waiting:
        if incoming.sop_instance_uid:
            if incoming.sop_instance_uid in here:
                incoming.end(HERE, Refused(ALREADY))
        elif incoming.source_hash in uid_of_source:
            incoming.sop_instance_uid = uid_of_source[incoming.source_hash]
            incoming.end(HERE, Refused(ALREADY))


def _prepare(incoming: _Incoming, policy: Policy) -> None:
    try:
        whose = incoming.attributes if is_picture(incoming.data) else None
        incoming.prepared = shared().prepare(
            incoming.data, incoming.source_hash, policy, attributes=whose
        )
        incoming.prepared.instance["name_side"] = side_of_name(incoming.name)
    except Refused as reason:
        incoming.end(REFUSED, reason)
    incoming.data = b""


def _drop_conflicts(group: list[_Incoming]) -> None:
    """Before anything is stored for it: another file with the same UID is here."""
    waiting = [(i, i.prepared) for i in _open(group) if i.prepared]
    here = known((), (prepared.instance["sop_instance_uid"] for _, prepared in waiting))
    conflicts = [
        (incoming, prepared)
        for incoming, prepared in waiting
        if prepared.instance["sop_instance_uid"] in here
    ]
    same = images(prepared.instance["sop_instance_uid"] for _, prepared in conflicts)
    for incoming, prepared in conflicts:
        uid = prepared.instance["sop_instance_uid"]
        if here[uid] == incoming.source_hash or same.get(uid) == image_of(prepared):
            incoming.end(HERE, Refused(ALREADY))
        else:
            incoming.end(REFUSED, Refused(OTHER_BYTES, code="other_bytes"))


def _put(files: list[Prepared]) -> list[store.Stored]:
    """Several at once: each waits for the disk, which makes many safe in the time of one."""
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(store.put, [prepared.parts for prepared in files]))


def _record(ready: list[_Incoming], stored: Sequence[store.Stored]) -> list[Refused | None]:
    rows = [
        (incoming.prepared, file)
        for incoming, file in zip(ready, stored, strict=True)
        if incoming.prepared
    ]
    if not rows:
        return []
    try:
        return record(rows)
    except DataError:  # one of them holds what the database does not take: find out which
        if len(rows) > 1:
            halves = len(rows) // 2
            return _record(ready[:halves], stored[:halves]) + _record(
                ready[halves:], stored[halves:]
            )
        return [Refused(UNSTORABLE, code="unstorable")]


def _outcome(incoming: _Incoming, reason: Refused | None) -> tuple[str, Refused | None]:
    if reason is not None:
        return (HERE if str(reason) == ALREADY else REFUSED), reason
    hold = incoming.prepared.hold if incoming.prepared else None
    if hold is None or hold.state == Instance.State.READY:
        return TAKEN, None
    return HELD, why_held(hold.state, hold.reasons)


def why_held(state: str, reasons: Sequence[dict[str, str]]) -> Refused:
    """What the report says of an instance that nobody sees yet; `reasons` as Instance.hold_reasons."""
    if state == Instance.State.CHECKING:
        return Refused(NOT_CHECKED, code=CHECKING)
    sentences = " ".join(reason["sentence"] for reason in reasons)
    code = reasons[0]["code"] if reasons else "held"
    return Refused(f"{HELD_UNTIL} {sentences}".strip(), code=code)
