"""Says in a stored file what an admin decided: nothing in its pixels names the patient. The pixels stay as they are."""

from io import BytesIO
from struct import unpack

import pydicom

from . import store
from .masking import Rewritten
from .metadata import dicom_json
from .models import Instance
from .part10 import encode
from .pixels import Undecodable
from .refused import Refused
from .survey import survey
from .transfer_syntax import open_file

UNDEFINED = 0xFFFFFFFF


def says_burned_in(instance: Instance) -> bool:
    """Whether its header speaks of identifying text in its pixels (0028,0301)."""
    return bool(instance.metadata.get("00280301", {}).get("Value") == ["YES"])


def declared_clean(instance: Instance) -> Rewritten:
    """The same file with BurnedInAnnotation NO; raises Undecodable where it is damaged."""
    with store.originals().open(instance.file) as file:
        data = file.read()
    try:
        return _rewritten(instance, data)
    except Refused as why:
        raise Undecodable(
            f"The file of {instance.sop_instance_uid} is damaged; discard it and send it again."
        ) from why


def _rewritten(instance: Instance, data: bytes) -> Rewritten:
    opening = open_file(data)
    at = survey(data, opening.start, opening.transfer_syntax).value
    header = pydicom.dcmread(BytesIO(data), stop_before_pixels=True)
    header.BurnedInAnnotation = "NO"
    vr, (length,) = data[at - 8 : at - 6].decode("latin-1"), unpack("<L", data[at - 4 : at])
    head = encode(header, instance.transfer_syntax_uid, vr, None if length == UNDEFINED else length)
    moved = len(head) - at
    frames = [[[start + moved, size] for start, size in frame] for frame in instance.frames]
    fields = {"frames": frames, "metadata": dicom_json(header)}
    return Rewritten([head, memoryview(data)[at:]], fields)
