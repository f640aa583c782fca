"""Why a file does not come in."""


class Refused(Exception):
    """A file that is not taken. The text goes on from the file's name: "is empty; send it again."."""
