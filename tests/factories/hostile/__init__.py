"""Files made to do harm, for the tests and for the benchmark."""

from tests.factories.hostile.bombs import BOMBS
from tests.factories.hostile.case import TAKEN, Case
from tests.factories.hostile.lies import LIES
from tests.factories.hostile.pictures import PICTURES
from tests.factories.hostile.strangers import STRANGERS
from tests.factories.hostile.structures import STRUCTURES

CASES: list[Case] = [*BOMBS, *STRUCTURES, *LIES, *STRANGERS, *PICTURES]

__all__ = ["CASES", "TAKEN", "Case"]
