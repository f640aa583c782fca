"""The bytes of a DICOM file (PS3.10) up to the value of its pixel data."""

from io import BytesIO
from struct import pack

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ImplicitVRLittleEndian

Part = bytes | memoryview
IMPLEMENTATION = UID("2.25.243713190265914337162163529571832206731")  # any file written by Osteon


def encode(header: Dataset, transfer_syntax_uid: str, vr: str, length: int | None) -> bytes:
    """A DICOM file up to the value of its pixel data. `length` is that value's, None when it is encapsulated.

    The 128 bytes before "DICM" are zero: a file may hide a program there (PS3.10 7.1).
    """
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    meta.MediaStorageSOPClassUID = header.SOPClassUID
    meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    meta.ImplementationClassUID = IMPLEMENTATION
    header.file_meta = meta
    header.preamble = b"\0" * 128
    buffer = BytesIO()
    dcmwrite(buffer, header, enforce_file_format=True)
    buffer.write(pack("<HH", 0x7FE0, 0x0010))
    if transfer_syntax_uid != ImplicitVRLittleEndian:
        buffer.write(vr.encode() + b"\0\0")
    buffer.write(pack("<L", 0xFFFFFFFF if length is None else length))
    return buffer.getvalue()
