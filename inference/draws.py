"""Seeded draws: the same words give the same number on every machine and at any time."""

import hashlib


def fraction(*words: object) -> float:
    """A number in [0, 1), uniform over different words."""
    digest = hashlib.sha256("/".join(str(word) for word in words).encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56
