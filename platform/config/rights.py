"""What the apps below the tasks must be told about rights in tasks."""

from accounts.models import User
from accounts.roles import Role
from annotation import access
from annotation.models import Task
from jobs.models import Job


def topics_of(user: User) -> set[str] | None:
    """The topics whose jobs and events the user may see; None, all of them, for staff."""
    return None if user.is_staff else access.topics_of(user)


def may_cancel(user: User, job: Job) -> bool:
    """An admin of the task that the job works for."""
    kind, _, number = job.topic.partition("/")
    task = Task.objects.filter(pk=number).first() if kind == "task" and number.isdecimal() else None
    return task is not None and access.role_of(user, task) == Role.ADMIN
