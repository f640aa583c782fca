"""The way back from a study to the person: sealed, for admins, or not kept at all (OSTEON_KEEP_LINK=0)."""

import json
import logging
from collections.abc import Iterable

from accounts.models import User

from .models import IdentityLink, Study
from .sealing import UNREADABLE, seal, unseal

log = logging.getLogger(__name__)


class OtherKey(Exception):
    """A link that the present key does not open; the text is a sentence."""


def keep(links: Iterable[tuple[Study, dict[str, str]]]) -> None:
    """One row for each new study, of what the first of its files said; in the caller's transaction."""
    first: dict[Study, dict[str, str]] = {}
    for study, identity in links:
        first.setdefault(study, identity)
    IdentityLink.objects.bulk_create(
        IdentityLink(study=study, sealed=seal(json.dumps(identity)))
        for study, identity in first.items()
    )


def look_up(study: Study, by: User) -> dict[str, str] | None:
    """Who it was; None where nothing is kept. Raises OtherKey.

    Who looked, at what and when stands in the log, never whom he found.
    """
    row = IdentityLink.objects.filter(study=study).first()
    log.warning(
        "Identity of study %s %s by user %d (%s).",
        study.study_instance_uid,
        "was read" if row else "was asked for, and none is kept,",
        by.pk,
        by.get_username(),
    )
    if row is None:
        return None
    text = unseal(row.sealed)
    if text == UNREADABLE:
        raise OtherKey("It was sealed with another SECRET_KEY; set that key again to read it.")
    identity: dict[str, str] = json.loads(text)
    return identity
