"""What became of each file of a delivery: told as it happens, kept in rows, counted on the delivery."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import F

from jobs.events import announce

from .models import Upload, UploadItem
from .refused import Refused
from .sealing import seal

TAKEN, HERE, HELD, REFUSED = "taken", "already", "held", "refused"
LONGEST_NAME = LONGEST_REASON = 500


class Overtaken(Exception):
    """Another process works on the same delivery: nothing of this one may count."""


@dataclass(frozen=True)
class Item:
    """What became of one file."""

    name: str
    outcome: str  # taken, already, held or refused
    reason: str = ""  # a sentence that begins with the name, where not simply taken
    sop_instance_uid: str = ""
    code: str = ""  # why refused or held, for programs (docs/archive.md)
    tag: str = ""  # "00280010", where one is to blame
    offset: int | None = None  # bytes from the start of the file

    @classmethod
    def of(
        cls, name: str, outcome: str, why: Refused | None = None, sop_instance_uid: str = ""
    ) -> "Item":
        name, reason = _plain(name), _plain(f"{name} {why}") if why else ""
        if why is None or outcome == HERE:
            return cls(name, outcome, reason, sop_instance_uid)
        tag = "" if why.tag is None else f"{why.tag:08X}"
        return cls(name, outcome, reason, sop_instance_uid, why.code, tag, why.offset)

    @property
    def sentence(self) -> str:
        """The reason without the name in front."""
        return self.reason.removeprefix(self.name).strip()


def _plain(text: str) -> str:
    """Without what cannot be written down: NULs, and bytes of a file's name that are no UTF-8."""
    return "".join("\ufffd" if one == "\0" or "\ud800" <= one <= "\udfff" else one for one in text)


@dataclass
class Report:
    """`items` holds all of a delivery that has no row of its own, else nothing: its items stand in the database."""

    items: list[Item] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def count(self, outcome: str) -> int:
        return self.counts[outcome]

    @property
    def files(self) -> int:
        return self.counts.total()

    def add(self, item: Item, *, keep: bool) -> None:
        self.counts[item.outcome] += 1
        if keep:
            self.items.append(item)


class Book:
    """The rows of a delivery's items, in the order of its sources.

    The delivery's own counts say how many sources are dealt with: a job that is done again goes on from there, and of
    two that work at once the slower one fails instead of writing anything twice. `write` belongs into the transaction
    that records the instances.
    """

    def __init__(self, upload: Upload | None) -> None:
        self.upload = upload
        self.position = 0
        if upload is not None:
            upload.refresh_from_db(fields=["taken", "already", "held", "refused"])
            self.position = upload.taken + upload.already + upload.held + upload.refused

    def write(self, items: Sequence[Item]) -> None:
        """Raises Overtaken."""
        if self.upload is None:
            return
        counts = Counter(item.outcome for item in items)
        ours = Upload.objects.alias(
            position=F("taken") + F("already") + F("held") + F("refused")
        ).filter(pk=self.upload.pk, position=self.position)
        if not ours.update(**{outcome: F(outcome) + number for outcome, number in counts.items()}):
            raise Overtaken(f"Another process works on {self.upload}.")
        UploadItem.objects.bulk_create(_row(self.upload, item) for item in items)
        self.position += len(items)
        announce(heard_by(self.upload), "upload", self.upload.pk)


def heard_by(upload: Upload) -> str:
    """Who is told of its progress: who sent it, and all staff."""
    return f"user/{upload.by_id}" if upload.by_id else "uploads"


def _row(upload: Upload, item: Item) -> UploadItem:
    return UploadItem(
        upload=upload,
        sealed_name=seal(item.name[:LONGEST_NAME]),
        outcome=item.outcome,
        code=item.code,
        reason=item.sentence[:LONGEST_REASON],
        tag=item.tag,
        offset=item.offset,
        sop_instance_uid=item.sop_instance_uid,
    )
