"""In production mode a half-safe server does not start, and says why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
SAFE = {
    "OSTEON_MODE": "production",
    "SECRET_KEY": "k2-Zq81 not the default, and long enough to be one",
    "ALLOWED_HOSTS": "osteon.example",
    "OSTEON_DEBUG": "0",
}


def check(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(MANAGE), "check", *options],
        env=os.environ | SAFE | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is the default"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is the default or shorter"),
        ({"SECRET_KEY": "development-only-key-that-production-refuses-to-boot-with"}, "SECRET_KEY"),
        ({"OSTEON_DEBUG": "1"}, "OSTEON_DEBUG is 1"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is empty"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is empty or *"),
        ({"OSTEON_MODE": "prodution"}, "OSTEON_MODE is 'prodution'"),
    ],
)
def test_it_refuses_to_start_and_says_why(environment: dict[str, str], says: str) -> None:
    ended = check(**environment)

    assert ended.returncode != 0
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_names_all_that_is_wrong_at_once() -> None:
    ended = check(SECRET_KEY="", ALLOWED_HOSTS="", OSTEON_DEBUG="1")

    assert all(word in ended.stderr for word in ("SECRET_KEY", "ALLOWED_HOSTS", "OSTEON_DEBUG"))


def test_it_starts_when_all_is_safe_and_django_finds_nothing_to_add() -> None:
    ended = check("--deploy", "--fail-level", "WARNING")

    assert ended.returncode == 0, ended.stderr
