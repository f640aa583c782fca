"""A task with two versions of its model, the newer one current: rows, and weights of the size of a real network's."""

import json

from knox.models import AuthToken

from accounts.roles import Role
from tests.factories.annotation import make_reader, make_task
from tests.factories.training import make_model, store_bytes

SIZE = 14_000_000  # EfficientNet-Lite0 with its heads


def prepare() -> None:
    """Prints {"token": the admin's, "models": [older, newer]} as JSON."""
    task = make_task()
    older, newer = (
        make_model(task, state, weights=store_bytes(bytes([number]) * SIZE))
        for number, state in enumerate(("retired", "current"))
    )
    token = AuthToken.objects.create(make_reader(task, Role.ADMIN))[1]
    print(json.dumps({"token": token, "models": [older.pk, newer.pk]}))
