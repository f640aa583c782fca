"""The one way into the archive, for the command, the upload page and the demo.

A batch of files is read, looked up, prepared (inspect → deidentify), stored and recorded. A bad file is refused
with its name and a reason, and the rest go in.
"""

import hashlib
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.db import DataError

from . import store
from .limits import MAX_FILE_BYTES
from .pictures_csv import read_csv
from .policy import Policy
from .policy import policy as current_policy
from .prepare import Prepared
from .record import ALREADY, OTHER_BYTES, known, record
from .refused import Refused
from .sandbox import shared
from .secondary_capture import Attributes, is_picture, sop_instance_uid_of, wrap

BATCH_FILES, BATCH_BYTES = 64, 64 << 20
TAKEN, HERE, REFUSED = "taken", "already", "refused"

NO_ROW = (
    "is a picture and does not say whose it is; give a CSV with a line for it:"
    " file,patient_id,laterality,body_part_examined."
)


@dataclass(frozen=True)
class Item:
    """What became of one file."""

    name: str
    outcome: str  # taken, already or refused
    reason: str = ""  # a sentence, where not taken
    sop_instance_uid: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass
class Report:
    items: list[Item] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        return sum(item.outcome == outcome for item in self.items)


@dataclass(frozen=True)
class Source:
    """A file that was named but not read yet."""

    name: str
    read: Callable[[], bytes]  # raises OSError or Refused
    attributes: Attributes | None = None  # of a picture


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

    def end(self, outcome: str, reason: str = "") -> None:
        uid = self.prepared.instance["sop_instance_uid"] if self.prepared else self.sop_instance_uid
        # a damaged file's own words may hold a NUL, which the database's JSON does not
        name, reason = (text.replace("\0", "\ufffd") for text in (self.name, reason))
        self.item = Item(name, outcome, f"{name} {reason}" if reason else "", uid)


Progress = Callable[[Item], None]


def ingest_paths(
    paths: Iterable[Path | str],
    *,
    csv: Path | str | None = None,
    body_part_examined: str = "",
    progress: Progress | None = None,
    policy: Policy | None = None,
) -> Report:
    """Takes files and, recursively, folders; `body_part_examined` is of pictures whose row does not say it.

    Raises Refused only for a CSV that cannot be used.
    """
    table = None
    if csv is not None:
        text = Path(csv).read_text(encoding="utf-8-sig", errors="replace")
        table = read_csv(text, str(csv), body_part_examined)
    skip = Path(csv).resolve() if csv is not None else None
    files = (path for path in walk(paths) if path.resolve() != skip)
    sources = (
        Source(str(path), _reader(path), table.find(str(path)) if table else None) for path in files
    )
    return ingest_sources(sources, progress=progress, policy=policy)


def ingest_bytes(name: str, data: bytes, attributes: Attributes | None = None) -> Item:
    """One file that is in memory."""
    return ingest_sources([Source(name, lambda: data, attributes)]).items[0]


def ingest_sources(
    sources: Iterable[Source], *, progress: Progress | None = None, policy: Policy | None = None
) -> Report:
    """`policy` is the installation's unless another is given."""
    policy = policy or current_policy()
    report = Report()
    for batch in _batches(sources):
        for item in _ingest_batch(batch, policy):
            report.items.append(item)
            if progress:
                progress(item)
    return report


def walk(paths: Iterable[Path | str]) -> Iterator[Path]:
    """All files under the paths, in the order of their names; links to folders are not followed."""
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if not file.is_dir())
        else:
            yield path


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would be waited on for ever
            raise Refused("is no ordinary file; leave it out.")
        if status.st_size > MAX_FILE_BYTES:
            raise Refused(
                f"is larger than {MAX_FILE_BYTES >> 20:,} MB; split it into several files."
            )
        return path.read_bytes()

    return read


def _batches(sources: Iterable[Source]) -> Iterator[list[_Incoming]]:
    """Reads the sources; a batch ends after some files or some megabytes."""
    batch: list[_Incoming] = []
    size = 0
    for source in sources:
        incoming = _read(source)
        batch.append(incoming)
        size += len(incoming.data)
        if len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _read(source: Source) -> _Incoming:
    incoming = _Incoming(source.name, attributes=source.attributes)
    try:
        incoming.data = source.read()
    except Refused as reason:
        incoming.end(REFUSED, str(reason))
        return incoming
    except OSError as exc:
        incoming.end(
            REFUSED, f"cannot be read ({exc.strerror or type(exc).__name__}); check that it exists."
        )
        return incoming
    incoming.source_hash = hashlib.sha256(incoming.data).hexdigest()
    if is_picture(incoming.data):
        if source.attributes is None:
            incoming.end(REFUSED, NO_ROW)
        else:
            incoming.sop_instance_uid = sop_instance_uid_of(
                incoming.data, source.attributes.patient_id
            )
    return incoming


def _ingest_batch(batch: list[_Incoming], policy: Policy) -> list[Item]:
    _drop_known(batch)
    for incoming in _open(batch):
        _prepare(incoming, policy)
    _drop_conflicts(batch)
    ready = _open(batch)
    stored = [store.put(incoming.prepared.parts) for incoming in ready if incoming.prepared]
    for incoming, reason in zip(ready, _record(ready, stored), strict=True):
        outcome = TAKEN if not reason else HERE if reason == ALREADY else REFUSED
        incoming.end(outcome, reason)
    return [incoming.item for incoming in batch if incoming.item]


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
                incoming.end(HERE, ALREADY)
        elif incoming.source_hash in uid_of_source:
            incoming.sop_instance_uid = uid_of_source[incoming.source_hash]
            incoming.end(HERE, ALREADY)


def _prepare(incoming: _Incoming, policy: Policy) -> None:
    try:
        data = incoming.data
        if incoming.attributes is not None and is_picture(data):
            data = wrap(data, incoming.attributes)
        incoming.prepared = shared().prepare(data, incoming.source_hash, policy)
    except Refused as reason:
        incoming.end(REFUSED, str(reason))
    incoming.data = b""


def _drop_conflicts(batch: list[_Incoming]) -> None:
    """Before anything is stored for it: another file with the same UID is here."""
    uids = {id(i): i.prepared.instance["sop_instance_uid"] for i in _open(batch) if i.prepared}
    here = known((), uids.values())
    for incoming in _open(batch):
        if uids[id(incoming)] in here:
            same = here[uids[id(incoming)]] == incoming.source_hash
            incoming.end(HERE if same else REFUSED, ALREADY if same else OTHER_BYTES)


def _record(ready: list[_Incoming], stored: Sequence[store.Stored]) -> list[str]:
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
        return ["holds values that the database does not take; send it again from the source."]
