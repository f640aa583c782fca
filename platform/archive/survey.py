"""Walks the elements of a file up to its pixel data, before pydicom reads any of them.

pydicom goes into sequences by recursion and believes lengths; this walk does neither. It reads what pydicom reads,
its tolerance for missing and wrong VRs included, and so finds the pixel data at the same place.
"""

from dataclasses import dataclass
from struct import unpack_from

from pydicom._dicom_dict import DicomDictionary
from pydicom._uid_dict import UID_dictionary
from pydicom.uid import UID

from .limits import MAX_DEPTH, MAX_ELEMENTS
from .refused import Refused

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
SOP_CLASS_UID = 0x00080016
PIXEL_DATA, FLOAT_PIXELS, DOUBLE_PIXELS = 0x7FE00010, 0x7FE00008, 0x7FE00009
PIXELS = frozenset({PIXEL_DATA, FLOAT_PIXELS, DOUBLE_PIXELS})

SHORT = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
LONG = frozenset(b"OB OD OF OL OW OV SQ SV UC UN UR UT UV".split())  # four bytes of length
SEQUENCES = frozenset(tag for tag, entry in DicomDictionary.items() if entry[0] == "SQ")


@dataclass(frozen=True)
class PixelElement:
    tag: int
    vr: str
    length: int  # as declared
    at: int  # where the element starts
    value: int  # where its value starts


@dataclass
class _Level:
    end: int  # no element may go beyond
    items: bool  # a sequence, which holds items; else a dataset, which holds elements
    implicit: bool
    tag: int


def survey(data: bytes, start: int, transfer_syntax: UID) -> PixelElement:
    """Where the pixel data stands; raises Refused for what is cut, too deep, too much or no image.

    `start` is where the dataset starts, behind the file's meta group.
    """
    walk = _Walk(data, start, transfer_syntax)
    while (found := walk.step()) is None:
        pass
    return found


def value_at_top(data: bytes, start: int, transfer_syntax: UID, wanted: int) -> bytes:
    """The value of an element that stands in no sequence; empty where it is not there. Raises Refused."""
    walk = _Walk(data, start, transfer_syntax)
    while True:
        level = walk.levels[-1]
        if len(walk.levels) == 1 and level.end - walk.at >= 8:
            tag, _, length, value = walk._head(level)
            if tag >= wanted:
                return data[value : value + length] if tag == wanted else b""
        if walk.step() is not None:
            return b""


class _Walk:
    def __init__(self, data: bytes, start: int, transfer_syntax: UID) -> None:
        self.data = data
        self.at = start
        self.order = "<" if transfer_syntax.is_little_endian else ">"
        self.elements = 0
        self.kind = b""  # its SOP class
        # some files have no VRs although their transfer syntax has, and the other way round
        self.levels = [_Level(len(data), False, self._looks_implicit(), 0)]

    def step(self) -> PixelElement | None:
        level = self.levels[-1]
        if level.end - self.at < 8:
            self._close(level)
        elif level.items:
            self._item(level)
        else:
            return self._element(level)
        return None

    def _element(self, level: _Level) -> PixelElement | None:
        tag, vr, length, value = self._head(level)
        self._count(tag)
        if tag == SOP_CLASS_UID and len(self.levels) == 1:
            self.kind = self.data[value : value + min(length, 64)]
        if tag == ITEM_END:
            self._end_item(value)
        elif tag in PIXELS and len(self.levels) == 1:
            return PixelElement(tag, (vr or b"OW").decode(), length, self.at, value)
        elif length == UNDEFINED:
            self._undefined(level, tag, vr, value)
        elif length > level.end - value:
            raise Refused(
                f"is cut off or damaged: an element announces {length:,} bytes and"
                f" {level.end - value:,} are there; send the whole file again.",
                code="cut_off",
                tag=tag,
                offset=self.at,
            )
        elif _is_sequence(tag, vr):
            self._open(tag, value, value + length, level.implicit or vr == b"UN")
        else:
            self.at = value + length
        return None

    def _count(self, tag: int) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise Refused(
                f"has more than {MAX_ELEMENTS:,} elements; split it into several files.",
                code="too_many_elements",
                tag=tag,
                offset=self.at,
            )

    def _head(self, level: _Level) -> tuple[int, bytes | None, int, int]:
        """(tag, VR or None, declared length, offset of the value) of the element here."""
        data, at = self.data, self.at
        if not level.implicit:
            group, element, vr, length = unpack_from(self.order + "HH2sH", data, at)
            if vr in SHORT or (vr not in LONG and b"AA" <= vr <= b"ZZ"):
                return group << 16 | element, vr, length, at + 8
            if vr in LONG:
                if level.end - at < 12:
                    raise _cut(group << 16 | element, at)
                (length,) = unpack_from(self.order + "L", data, at + 8)
                return group << 16 | element, vr, length, at + 12
        group, element, length = unpack_from(self.order + "HHL", data, at)
        return group << 16 | element, None, length, at + 8

    def _undefined(self, level: _Level, tag: int, vr: bytes | None, value: int) -> None:
        """A value that ends by a delimiter: a sequence, or (an icon's) encapsulated pixels."""
        if vr in (b"SQ", b"UN") or (vr is None and (tag in SEQUENCES or self._is_item(value))):
            self._open(tag, value, level.end, level.implicit)
            return
        delimiter = b"\xfe\xff\xdd\xe0" if self.order == "<" else b"\xff\xfe\xe0\xdd"
        end = self.data.find(delimiter, value, level.end)
        if end < 0:
            raise _cut(tag, self.at)
        self.at = end + 8

    def _item(self, level: _Level) -> None:
        group, element, length = unpack_from(self.order + "HHL", self.data, self.at)
        tag = group << 16 | element
        if tag == SEQUENCE_END:
            self.levels.pop()
            self.at += 8
        elif tag != ITEM:
            raise Refused(
                "is damaged: a sequence holds something that is no item; send it again from the source.",
                tag=level.tag,
                offset=self.at,
            )
        elif length != UNDEFINED and length > level.end - self.at - 8:
            raise _cut(level.tag, self.at)
        else:
            self._count(level.tag)
            self.at += 8
            end = level.end if length == UNDEFINED else self.at + length
            implicit = level.implicit or self._looks_implicit()
            self.levels.append(_Level(end, False, implicit, level.tag))

    def _open(self, tag: int, value: int, end: int, implicit: bool) -> None:
        if len(self.levels) // 2 >= MAX_DEPTH:
            raise Refused(
                f"nests its elements more than {MAX_DEPTH} deep; export it again without them.",
                code="too_deep",
                tag=tag,
                offset=self.at,
            )
        self.at = value
        self.levels.append(_Level(end, True, implicit, tag))

    def _close(self, level: _Level) -> None:
        """The end of a level by its length."""
        if len(self.levels) == 1:
            kind = UID(self.kind.decode("ascii", "replace").rstrip("\0 "))
            name = kind.name if kind in UID_dictionary else "of unknown kind"
            raise Refused(
                f"holds no image ({name}, no pixel data); leave it out.",
                code="no_image",
                offset=self.at,
            )
        self.levels.pop()
        self.at = level.end

    def _end_item(self, value: int) -> None:
        if len(self.levels) == 1:
            raise Refused(
                "is damaged: an item ends that never began; send it again from the source.",
                tag=ITEM_END,
                offset=self.at,
            )
        self.levels.pop()
        self.at = value

    def _is_item(self, at: int) -> bool:
        return self.data[at : at + 4] in (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")

    def _looks_implicit(self) -> bool:
        """Whether the element here has no VR: two capital letters make one."""
        vr = self.data[self.at + 4 : self.at + 6]
        return not (len(vr) == 2 and 0x40 < vr[0] < 0x5B and 0x40 < vr[1] < 0x5B)


def _is_sequence(tag: int, vr: bytes | None) -> bool:
    """Private ones of a given length are not looked into: they are not kept, and so never read."""
    if tag >> 16 & 1:
        return False
    return vr == b"SQ" or (vr in (None, b"UN") and tag in SEQUENCES)


def _cut(tag: int, offset: int) -> Refused:
    return Refused(
        "is cut off in the middle of an element; send the whole file again.",
        code="cut_off",
        tag=tag,
        offset=offset,
    )
