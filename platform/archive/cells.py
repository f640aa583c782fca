"""Cells of a CSV that a spreadsheet will open."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is taken for a formula


def escaped(cell: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
