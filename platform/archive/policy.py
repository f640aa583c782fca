"""What an installation has decided about identities; handed into the pure steps, which know no settings."""

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    secret: bytes  # keys the patients, UIDs and dates: another one makes known patients strangers
    keep_link: bool  # whether the original identity is handed on, to be sealed beside the study
    check_text: bool  # whether pictures that may show a name wait for the text detector


def policy() -> Policy:
    """This installation's, from its settings."""
    from django.conf import settings  # noqa: PLC0415 -- the pure steps run where there is no Django

    secret = hmac.digest(settings.SECRET_KEY.encode(), b"archive.deidentify", hashlib.sha256)
    return Policy(secret, bool(settings.KEEP_IDENTITY_LINK), bool(settings.CHECK_TEXT))
