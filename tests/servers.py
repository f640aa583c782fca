"""Pytest plugin (`-p tests.servers` in pyproject.toml): one PostgreSQL and one Valkey for the whole run.

A conftest would be too late: pytest-django reads the settings before any of them is imported.
"""

import os
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from embedded.testing import start_servers

# What this plugin sets; a test that starts the platform itself leaves it out.
VARIABLES = (
    *("DATABASE_URL", "CELERY_BROKER_URL", "STORAGE_URL"),
    *("OSTEON_MODE", "OSTEON_DATA", "SECRET_KEY", "ALLOWED_HOSTS"),
)
_stops: list[Callable[[], None]] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Starts the servers and sets the environment; a wrapper runs before pytest-django's own hook.

    OSTEON_TEST_DATABASE_URL and OSTEON_TEST_BROKER_URL name servers to use instead.
    """
    given = {
        "DATABASE_URL": os.environ.get("OSTEON_TEST_DATABASE_URL"),
        "CELERY_BROKER_URL": os.environ.get("OSTEON_TEST_BROKER_URL"),
    }
    if not all(given.values()):
        database, broker, stop = start_servers()
        _stops.append(stop)
        given = {
            "DATABASE_URL": given["DATABASE_URL"] or database,
            "CELERY_BROKER_URL": given["CELERY_BROKER_URL"] or broker,
        }
    files = tempfile.TemporaryDirectory(prefix="osteon-files-")
    _stops.append(files.cleanup)
    (Path(files.name) / "static").mkdir()  # whitenoise warns of one that is missing
    os.environ |= (
        {name: url for name, url in given.items() if url}
        | {
            "OSTEON_MODE": "development",
            "OMP_WAIT_POLICY": "PASSIVE",  # torch's waiting threads sleep: other tests may want the cores
            "OSTEON_DATA": files.name,
            "STORAGE_URL": (Path(files.name) / "originals").as_uri(),
            "SECRET_KEY": "only-for-tests-".ljust(50, "x"),
            "OSTEON_CHECK_TEXT": "0",  # 0.1 s an image; the tests of the search switch it on
            "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
        }
    )
    yield


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    while _stops:
        _stops.pop()()
