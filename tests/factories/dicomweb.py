"""What the tests of DICOMweb store, and how they read what a client found."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pydicom
import pytest
from dicomweb_client.api import DICOMwebClient
from pydicom.dataset import Dataset
from requests import HTTPError

from archive.models import Instance
from tests.factories.archive import file_bytes, make_dataset


def slices(count: int, **elements: Any) -> list[Dataset]:
    """A series, no two alike."""
    made: list[Dataset] = []
    for number in range(1, count + 1):
        pixels = np.arange(120, dtype=np.uint16).reshape(12, 10) * number
        uids = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4", "PatientID": "ann"}
        ds = make_dataset(pixels, InstanceNumber=number, **(uids | elements))
        made.append(pydicom.dcmread(BytesIO(file_bytes(ds))))
    return made


def store(client: DICOMwebClient, datasets: list[Dataset]) -> Dataset:
    """By STOW-RS; whatever waits for a look at its pixels is let through, for that is tested elsewhere."""
    answer = client.store_instances(datasets)
    Instance.everything.update(state=Instance.State.READY)
    return answer


def uids_of(found: dict[str, Any]) -> list[str]:
    """Study, series and instance, as far as they are told."""
    tags = ("0020000D", "0020000E", "00080018")
    return [found[tag]["Value"][0] for tag in tags if tag in found]


def first_of(client: DICOMwebClient) -> tuple[str, str, str]:
    study, series, instance = uids_of(client.search_for_instances()[0])
    return study, series, instance


def numbers_of(found: list[dict[str, Any]]) -> list[int]:
    return [one["00200013"]["Value"][0] for one in found]


def refusal(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(HTTPError) as error:
        call()
    assert error.value.response is not None
    return error.value.response.status_code, error.value.response.json()["detail"]
