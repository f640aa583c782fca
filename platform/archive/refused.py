"""Why a file does not come in."""


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
