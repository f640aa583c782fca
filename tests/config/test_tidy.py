from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from annotation.models import SaveKey
from config.jobs import tidy
from tests.factories.accounts import client_of, make_user
from tests.factories.annotation import make_cases, make_read, make_reader, make_task

pytestmark = pytest.mark.django_db


def test_old_keys_of_saves_and_sessions_that_are_over_go_and_others_stay() -> None:
    task = make_task()
    make_cases(task, 2)
    reader = make_reader(task)
    make_read(task, reader)
    SaveKey.objects.update(created_at=timezone.now() - timedelta(days=31))
    recent = make_read(task, reader)
    for name in ("anna", "bert"):
        client_of(make_user(name))
    over = Session.objects.all()[0]
    Session.objects.filter(pk=over.pk).update(expire_date=timezone.now() - timedelta(minutes=1))

    tidy()

    assert [key.annotation for key in SaveKey.objects.all()] == [recent]
    assert Session.objects.count() == 1
    assert not Session.objects.filter(pk=over.pk).exists()
