"""What the browser is told: "something of this topic changed, fetch it again". Ids only, never content."""

import json
from dataclasses import dataclass

from django.db import connection

CHANNEL = "osteon"
# PostgreSQL refuses a payload of 8000 bytes and more.
LONGEST_PAYLOAD = 7999


@dataclass(frozen=True)
class Event:
    topic: str  # "task/3" or "user/7": who hears of it
    what: str  # which kind of thing changed: job, models, predictions, cases, export, upload
    id: int | None

    def payload(self) -> str:
        text = json.dumps({"topic": self.topic, "what": self.what, "id": self.id})
        if len(text.encode()) > LONGEST_PAYLOAD:
            raise ValueError(
                f"The event of topic {self.topic[:40]!r}… is too long to be announced."
            )
        return text

    @classmethod
    def of(cls, payload: str) -> "Event":
        read = json.loads(payload)
        return cls(topic=read["topic"], what=read["what"], id=read["id"])


def announce(topic: str, what: str, id: int | None) -> None:
    """Tell the browsers that may see the topic, once the current transaction commits; never if it does not.

    PostgreSQL drops repetitions within one transaction. Without a topic nobody is told.
    """
    if not topic:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, Event(topic, what, id).payload()])
