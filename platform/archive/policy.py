"""What an installation decides about identities (placeholder)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    secret: bytes
    keep_link: bool
    check_text: bool


def policy() -> Policy:
    from django.conf import settings  # noqa: PLC0415

    return Policy(settings.SECRET_KEY.encode(), keep_link=True, check_text=False)
