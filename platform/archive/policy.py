"""What this installation keeps of a patient's identity, and whether it looks for names in the pixels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    secret: bytes  # keys the pseudonyms
    keep_link: bool = True
    check_text: bool = True


def policy() -> Policy:
    from django.conf import settings  # noqa: PLC0415 -- the sandbox's child knows no Django

    return Policy(secret=settings.SECRET_KEY.encode())
