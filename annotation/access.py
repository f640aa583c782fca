"""Who sees what of the tasks. What a user may not see does not exist for him: the same 404 as an unknown id."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, user_of
from accounts.errors import Problem
from accounts.models import User
from accounts.roles import Role, at_least
from annotation.images import Named
from annotation.models import Annotation, Case, CaseSeries, Membership, Prior, Task
from archive.models import Instance


class Member(NamedTuple):
    task: Task
    role: Role


def tasks_visible_to(user: User) -> QuerySet[Task]:
    """Staff see every task, others those that they are a member of."""
    if user.is_staff:
        return Task.objects.all()
    return Task.objects.filter(memberships__user=user)


def role_of(user: User, task: Task) -> Role | None:
    """The user's role in the task: staff are admins of all; None for strangers."""
    if user.is_staff:
        return Role.ADMIN
    role = Membership.objects.filter(task=task, user=user).values_list("role", flat=True).first()
    return Role(role) if role else None


MEMBER = """
SELECT t.*, m.role FROM annotation_task t JOIN annotation_membership m ON m.task_id = t.id
WHERE t.id = %s AND m.user_id = %s
"""


def member(user: User, task_id: int, wanted: Role = Role.READER) -> Member:
    """The task and the user's role in it, in one query; Problem 404 for strangers, 403 for a lesser role."""
    found = _member(user, task_id)
    if found is None:
        raise Problem(404, "There is no such task.", code="no_task")
    if not at_least(found.role, wanted):
        sentence = f"This needs the role {wanted.label.lower()} in the task."
        raise Problem(403, sentence, code="role_missing", parameters={"role": wanted.value})
    return found


def _member(user: User, task_id: int) -> Member | None:
    if user.is_staff:
        task = Task.objects.filter(pk=task_id).first()
        return Member(task, Role.ADMIN) if task else None
    # By hand: it is asked at every request of the reading loop.
    tasks: Iterable[Any] = Task.objects.raw(MEMBER, [task_id, user.pk])
    return next((Member(task, Role(task.role)) for task in tasks), None)


def visible_instances(user: User) -> QuerySet[Instance]:
    """The images of the cases of the user's tasks; staff see the whole archive."""
    if user.is_staff:
        return Instance.objects.all()
    return Instance.objects.filter(Exists(_of_cases(user)))


def _of_cases(user: User) -> QuerySet[CaseSeries]:
    return CaseSeries.objects.filter(
        Named(OuterRef("pk"), F("images")),
        series=OuterRef("series"),
        case__task__memberships__user=user,
    )


def elsewhere(reader: User) -> Q:
    """Of rows that name a case: somebody else holds it, or it was read."""
    held = Q(case__lease_until__gt=Now()) & ~Q(case__lease_reader=reader)
    return Q(case__state=Case.State.READ) | held


def priors_for(user: User) -> QuerySet[Prior]:
    """The earlier images that hang beside the cases which he has read, or may go on reading now."""
    if user.is_staff:
        return Prior.objects.all()
    read = Q(case__annotations__state=Annotation.State.SUBMITTED)
    reading = Q(case__annotations__state=Annotation.State.DRAFT) & ~elsewhere(user)
    return Prior.objects.filter(
        read | reading, case__task__memberships__user=user, case__annotations__reader=user
    )


def shown_instances(user: User) -> QuerySet[Instance]:
    """Besides, the earlier images that hang beside his cases: served, but not listed."""
    if user.is_staff:
        return Instance.objects.all()
    named = Named(OuterRef("pk"), F("images"))
    beside = priors_for(user).filter(named, series=OuterRef("series"))
    return Instance.objects.filter(Exists(_of_cases(user)) | Exists(beside))


def topics_of(user: User) -> set[str]:
    """The topics whose events the user may hear: his tasks' and his own."""
    return {f"task/{pk}" for pk in tasks_visible_to(user).values_list("pk", flat=True)} | {
        f"user/{user.pk}"
    }


class TaskView(APIView):
    """A view below `tasks/<int:task_id>/`: sets `self.task` and `self.role`, or answers 404 or 403."""

    access = SIGNED_IN
    wanted = Role.READER
    task: Task
    role: Role

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.task, self.role = member(user_of(request), kwargs["task_id"], self.wanted)
