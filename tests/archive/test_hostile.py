"""Files made to do harm: each is refused with a reason or taken as it is, and the next one finds a reader alive."""

from collections.abc import Iterator

import pytest

from archive.sandbox import Sandbox
from tests.factories.archive import make_file
from tests.factories.hostile import CASES, Case
from tests.factories.verdict import outcome

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_refuses_or_takes_what_is_made_to_do_harm(case: Case, sandbox: Sandbox) -> None:
    assert outcome(sandbox, case.make()) in case.outcomes
    assert outcome(sandbox, make_file()) == "taken"


def test_there_are_enough_cases() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60
