"""Makes tasks from templates and says who works on them."""

from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from annotation import catalogue
from annotation.models import Membership, Task


@transaction.atomic
def create_task(template: str, name: str, by: User | None = None, **settings: Any) -> Task:
    """A task with its form published and `by` as its admin; `settings` are Task's own fields, such as seed.

    Raises catalogue.TemplateProblem where there is no such template.
    """
    catalogue.load(template)
    task = Task.objects.create(template=template, name=name, **settings)
    catalogue.publish(task)
    if by is not None:
        set_role(task, by, Role.ADMIN)
    return task


def set_role(task: Task, user: User, role: Role) -> Membership:
    """Makes the user a member with this role, whatever he was before."""
    return Membership.objects.update_or_create(task=task, user=user, defaults={"role": role})[0]


def remove_member(task: Task, user: User) -> None:
    """Takes the user out of the task; what he read stays."""
    Membership.objects.filter(task=task, user=user).delete()
