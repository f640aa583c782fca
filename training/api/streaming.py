"""Files as answers."""

from collections.abc import AsyncIterator
from pathlib import Path

from asgiref.sync import sync_to_async

PIECE = 1 << 16


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """Asynchronous, as the server is: a plain iterator would be read into memory whole first."""
    with await sync_to_async(lambda: path.open("rb"))() as file:
        while piece := await sync_to_async(file.read)(PIECE):
            yield piece
