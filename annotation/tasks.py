"""Makes tasks from templates and says who works on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from accounts.errors import Problem
from accounts.models import User
from accounts.roles import Role
from accounts.said import Said
from annotation import catalogue
from annotation.models import Membership, Task


@transaction.atomic
def create_task(template: str, name: str, by: User | None = None, **settings: Any) -> Task:
    """A task with its form published and `by` as its admin; `settings` are Task's own fields, such as seed.

    Raises catalogue.TemplateProblem where there is no such template, Problem 409 where another task has the name.
    """
    catalogue.load(template)
    with _named(name):
        task = Task.objects.create(template=template, name=name, **settings)
    catalogue.publish(task)
    if by is not None:
        set_role(task, by, Role.ADMIN)
    return task


def rename(task: Task, name: str) -> None:
    """Raises Problem 409 where another task has the name, in whatever case."""
    with _named(name):
        Task.objects.filter(pk=task.pk).update(name=name)
    task.name = name


@contextmanager
def _named(name: str) -> Iterator[None]:
    """The database knows whether a task has the name already."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as problem:
        if "one_task_per_name" not in str(problem):
            raise
        taken = f'There is a task named "{name}" already; choose another name.'
        raise Problem(409, Said(taken, "task_name_taken", name=name)) from problem


def set_role(task: Task, user: User, role: Role) -> Membership:
    """Makes the user a member with this role, whatever he was before."""
    return Membership.objects.update_or_create(task=task, user=user, defaults={"role": role})[0]


def remove_member(task: Task, user: User) -> None:
    """Takes the user out of the task; what he read stays."""
    Membership.objects.filter(task=task, user=user).delete()
