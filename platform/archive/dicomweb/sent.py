"""What the sender calls an instance: read from the first bytes of its file, before anything is believed of the rest.

Only to answer him in his own words; these names are never stored.
"""

import zlib
from dataclasses import dataclass
from struct import error as OutOfBytes  # noqa: N812 -- its own name says nothing

from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from archive.refused import Refused
from archive.survey import value_at_top
from archive.transfer_syntax import read_meta

from .parts import HEAD_BYTES

META = 132  # where the file meta information begins (PS3.10 7.1)
SOP_CLASS, SOP_INSTANCE, SYNTAX = 0x0002, 0x0003, 0x0010  # elements of group 0002
STUDY_INSTANCE_UID = 0x0020000D
LONGEST = 64  # of a UID


@dataclass(frozen=True)
class Sent:
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    study_instance_uid: str = ""


def sent_in(head: bytes, with_study: bool) -> Sent:
    """As far as it can be read; the study costs more than the file meta and is read where asked."""
    if head[128:META] != b"DICM":
        return Sent()
    try:
        values, end = read_meta(head, META)
        study = _study(head[end:], UID(values.get(SYNTAX, ""))) if with_study else ""
    except (Refused, OutOfBytes, ValueError, zlib.error):
        return Sent()
    return Sent(values.get(SOP_CLASS, "")[:LONGEST], values.get(SOP_INSTANCE, "")[:LONGEST], study)


def _study(body: bytes, syntax: UID) -> str:
    if syntax == DeflatedExplicitVRLittleEndian:
        body = zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, HEAD_BYTES)
        syntax = ExplicitVRLittleEndian
    value = value_at_top(body, 0, syntax, STUDY_INSTANCE_UID)
    return value[:LONGEST].decode("ascii", "replace").rstrip("\0 ")
