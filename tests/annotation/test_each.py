import pytest

from annotation.each import each_task
from annotation.models import Task
from tests.factories.annotation import make_task


@pytest.mark.django_db
def test_a_task_that_fails_does_not_keep_the_later_ones_from_being_asked() -> None:
    broken, whole = make_task(), make_task()
    asked: list[int] = []

    def ask(task: Task) -> None:
        if task == broken:
            raise ValueError("a form that nobody can read")
        asked.append(task.pk)

    each_task(ask)

    assert asked == [whole.pk]
