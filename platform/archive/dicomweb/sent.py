"""What the sender calls an instance: read from the first bytes of its file, before anything is believed of the rest.

Only to answer him in his own words; these names are never stored.
"""

import zlib
from dataclasses import dataclass
from io import BytesIO
from struct import unpack_from

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)

from .parts import HEAD_BYTES

META = 132  # where the file meta information begins (PS3.10 7.1)
LONGEST_META = 1 << 16
STUDY_INSTANCE_UID = 0x0020000D


@dataclass(frozen=True)
class Sent:
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    study_instance_uid: str = ""


def sent_in(head: bytes, with_study: bool) -> Sent:
    """As far as it can be read; the study costs more than the file meta and is read where asked."""
    try:
        if head[128:META] != b"DICM":
            return Sent()
        (length,) = unpack_from("<L", head, META + 8)  # (0002,0000), an explicit UL
        end = META + 12 + min(length, LONGEST_META)
        meta = read_dataset(BytesIO(head[META:end]), False, True)
        return Sent(
            str(meta.get("MediaStorageSOPClassUID", ""))[:64],
            str(meta.get("MediaStorageSOPInstanceUID", ""))[:64],
            _study(head[end:], str(meta.get("TransferSyntaxUID", ""))) if with_study else "",
        )
    except Exception:  # pydicom raises a dozen kinds on damaged files
        return Sent()


def _study(body: bytes, syntax: str) -> str:
    if syntax == DeflatedExplicitVRLittleEndian:
        body = zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, HEAD_BYTES)
    found: Dataset = read_dataset(
        BytesIO(body),
        syntax == ImplicitVRLittleEndian,
        syntax != ExplicitVRBigEndian,
        stop_when=lambda tag, vr, length: tag > STUDY_INSTANCE_UID,
    )
    return str(found.get("StudyInstanceUID", ""))[:64]
