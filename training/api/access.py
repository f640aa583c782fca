"""Who may see a model: members of its task. Who may change one: the task's admins."""

from typing import NamedTuple

from rest_framework.request import Request

from accounts.access import user_of
from accounts.errors import Problem
from accounts.models import User
from accounts.roles import Role
from annotation.access import role_of
from training.models import ModelVersion


class Found(NamedTuple):
    model: ModelVersion
    user: User
    is_admin: bool


def find(request: Request, model_id: int) -> Found:
    """The version with its task, run and snapshot; Problem 404 where there is none that the caller may see."""
    models = ModelVersion.objects.select_related("task", "run__snapshot", "run__job", "promoted_by")
    model = models.filter(pk=model_id).first()
    user = user_of(request)
    role = role_of(user, model.task) if model else None
    if model is None or role is None:
        raise Problem(404, "There is no such model.")
    return Found(model, user, role == Role.ADMIN)


def admin(request: Request, model_id: int, may: str) -> Found:
    """As `find`, for admins: Problem 403 for other members, "Only an admin of the task may …"."""
    found = find(request, model_id)
    if not found.is_admin:
        raise Problem(403, f"Only an admin of the task may {may}.")
    return found
