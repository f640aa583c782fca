import pytest

from archive.ingest import ingest_bytes
from archive.models import Instance
from archive.name_side import side_of_name
from tests.factories.archive import make_file


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("9000099L.jpg", "L"),
        ("9000099R.jpg", "R"),
        ("images/0193_R.dcm", "R"),
        ("knee_left.dcm", "L"),
        ("kneeRight01.dcm", "R"),
        ("Knie links ap.dcm", "L"),
        ("RIGHT/IM0001", "R"),
        ("C:\\export\\left\\IM0001.dcm", "L"),
        ("genou_droit.png", "R"),
        # not plain enough
        ("IM0001.dcm", ""),
        ("Smith_R.dcm", ""),
        ("Wright_L.dcm", ""),
        ("left_and_right.dcm", ""),
        ("bilateral.dcm", ""),
        ("right/0001L.dcm", ""),
        ("1.2.840.113619.2.55", ""),
        ("", ""),
    ],
)
def test_only_a_plain_side_is_taken_from_a_name(name: str, side: str) -> None:
    assert side_of_name(name) == side


@pytest.mark.django_db
def test_the_side_in_a_files_name_is_kept_though_the_name_is_not() -> None:
    ingest_bytes("Smith^John/knee_left.dcm", make_file())

    instance = Instance.objects.get()
    assert instance.name_side == "L"
    assert "Smith" not in str(instance.__dict__)
