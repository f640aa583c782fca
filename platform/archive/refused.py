"""Why a file does not come in."""

# stable: programs and reports rely on them (docs/archive.md)
CODES = {
    "empty": "no bytes at all",
    "too_large": "more bytes than are taken",
    "not_dicom": "neither DICOM nor a picture",
    "dicomdir": "an index of other files; they are taken by themselves",
    "no_transfer_syntax": "(0002,0010) is missing",
    "unknown_transfer_syntax": "(0002,0010) is none of DICOM's",
    "unsupported_transfer_syntax": "a known one that is not taken",
    "inflates_too_far": "deflated data that unfold beyond the limit",
    "cut_off": "bytes are missing at the end",
    "damaged": "not readable, for whatever other reason",
    "too_deep": "sequences in sequences beyond the limit",
    "too_many_elements": "elements beyond the limit",
    "no_image": "a report, a plan or anything else without pixel data",
    "float_pixels": "pixels as floating-point numbers",
    "unsupported_pixels": "a layout of pixels that is not taken",
    "no_pixels": "pixel data without content",
    "missing_attribute": "an attribute without which the image has no meaning",
    "bad_attribute": "an attribute with a value that cannot be",
    "too_many_pixels": "more pixels than are taken",
    "contradiction": "header and pixels do not say the same",
    "undecodable": "compressed pixels that no decoder can read",
    "too_costly_memory": "needs more memory than a file is given",
    "too_costly_time": "needs more time than a file is given",
}


class Refused(Exception):
    """A file that is not taken. The text goes on from the file's name: "is empty; send it again.".

    `code` is stable and for programs (docs/archive.md lists all); `tag` and `offset` (bytes from the start of the file)
    say where, when that is known.
    """

    def __init__(
        self,
        sentence: str,
        *,
        code: str = "damaged",
        tag: int | None = None,
        offset: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.tag = tag
        self.offset = offset

    def __reduce__(self) -> tuple[object, ...]:  # it comes out of a child process
        return _again, (str(self), self.code, self.tag, self.offset)


def _again(sentence: str, code: str, tag: int | None, offset: int | None) -> Refused:
    return Refused(sentence, code=code, tag=tag, offset=offset)
