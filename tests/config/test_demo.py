"""The demo's accounts have passwords that everybody can read."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User


@pytest.mark.django_db
def test_the_demo_is_not_loaded_where_others_can_come_in(settings: Any) -> None:
    settings.ENV = replace(settings.ENV, mode="production")

    with pytest.raises(CommandError, match="its admin is public"):
        call_command("demo", "--cases=0", "--large=0", "--reads=0")

    assert not User.objects.exists()
