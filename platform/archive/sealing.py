"""Keeps what may name a person (file names, the link to the original identity) so that only Osteon's key opens it."""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.crypto import salted_hmac

UNREADABLE = "(sealed with another key)"


def seal(text: str) -> bytes:
    return _box(settings.SECRET_KEY).encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """The text; a stand-in where it was sealed with a SECRET_KEY that is gone."""
    try:
        return _box(settings.SECRET_KEY).decrypt(bytes(sealed)).decode()
    except InvalidToken:
        return UNREADABLE


@cache
def _box(secret: str) -> Fernet:
    key = salted_hmac("archive.sealing", "", secret=secret, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
