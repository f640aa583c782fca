"""Each test of the archive has an empty folder of originals, of pictures made from them, and of what is being sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.test import override_settings


@pytest.fixture(autouse=True)
def originals(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "originals"
    folder.mkdir()
    with override_settings(
        STORAGES=storages.backends
        | {
            "originals": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": str(folder)},
            }
        },
        CACHE_FOLDER=tmp_path / "cache",
        INCOMING_FOLDER=tmp_path / "incoming",
    ):
        yield folder
