"""The one query of a frame: may he see it, where does it stand. Put together once a user, not at each request.

By hand around what the ORM makes of the rights, for it takes several times as long to put the question as
PostgreSQL to answer.
"""

import json
from collections import OrderedDict
from copy import copy
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import User
from accounts.proof import Proof
from archive.frames import Frame

from .endpoint import Visible
from .finding import under

FRAME = """
SELECT f.id, f.file, f.file_hash, f.transfer_syntax_uid, f.number_of_frames,
    (SELECT jsonb_agg(f.frames -> (w.number - 1) ORDER BY w.place)
     FROM unnest(%s::int[]) WITH ORDINALITY AS w(number, place))
FROM ({visible}) f
"""
COLUMNS = ("id", "file", "file_hash", "transfer_syntax_uid", "number_of_frames", "frames")
NAMES = {"study": ":study:", "series": ":series:", "instance": ":instance:"}  # no UID is such
MOST_USERS = 1_000


class Found(NamedTuple):
    pk: int
    file: str
    file_hash: str
    transfer_syntax_uid: str
    number_of_frames: int
    frames: list[Frame | None]  # of those asked for, in their order


class FrameQuery:
    """Finds frames among what one user may see."""

    def __init__(self, sql: str, parameters: tuple[Any, ...]) -> None:
        self.sql = FRAME.format(visible=sql)
        self.parameters = parameters

    def proven(self, proof: Proof) -> "FrameQuery":
        """The same that finds nothing once the proof fails."""
        query = copy(self)
        query.sql += f" WHERE EXISTS ({proof.sql})"
        query.parameters += proof.parameters
        return query

    def find(self, numbers: list[int], **uids: str) -> Found | None:
        given = {NAMES[name]: uid for name, uid in uids.items()}
        values = [
            given.get(value, value) if isinstance(value, str) else value
            for value in self.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [f"{{{','.join(map(str, numbers))}}}", *values])
            row = cursor.fetchone()
        return Found._make([*row[:5], json.loads(row[5])]) if row else None


class FrameQueries:
    """The queries of the users who asked last.

    What `visible` gives must be a query that hangs on nothing but the user's key and is_staff: rights are looked up
    when it runs.
    """

    def __init__(self, visible: Visible) -> None:
        self.visible = visible
        self.known: OrderedDict[tuple[int, bool], FrameQuery] = OrderedDict()

    def of(self, user: User) -> FrameQuery:
        key = (user.pk, user.is_staff)
        query = self.known.get(key)
        if query is None:
            found = under(self.visible(user), **NAMES).values(*COLUMNS)
            query = self.known[key] = FrameQuery(*found.query.sql_with_params())
            if len(self.known) > MOST_USERS:
                self.known.popitem(last=False)
        return query
