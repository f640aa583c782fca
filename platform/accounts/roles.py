"""The roles of a task, from least to most: who may do what is decided by rank."""

from django.db import models


class Role(models.TextChoices):
    READER = "reader", "Reader"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    ADMIN = "admin", "Admin"


RANK = {Role.READER: 1, Role.ADJUDICATOR: 2, Role.ADMIN: 3}


def at_least(role: str, wanted: Role) -> bool:
    return RANK[Role(role)] >= RANK[wanted]
