"""Agreement on categories beyond chance."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

Values = Sequence[Hashable]


def cohen(first: Values, second: Values) -> float | None:
    """Cohen's kappa: chance as the readers' own shares make it (Cohen, Educ Psychol Meas 1960;20:37-46)."""
    if not first:
        return None
    n, ours, theirs = len(first), Counter(first), Counter(second)
    chance = sum(ours[value] * theirs[value] for value in ours) / n**2
    return _beyond(_equal(first, second), chance)


def ac1(first: Values, second: Values, categories: int) -> float | None:
    """Gwet's AC1, which a rare finding does not upset (Gwet, Br J Math Stat Psychol 2008;61:29-48)."""
    if not first:
        return None
    both, n = Counter(first) + Counter(second), len(first)
    shares = [count / (2 * n) for count in both.values()]
    chance = sum(share * (1 - share) for share in shares) / (categories - 1)
    return _beyond(_equal(first, second), chance)


def quadratic(first: Sequence[int], second: Sequence[int]) -> float | None:
    """Kappa of ordered grades with quadratic weights (Cohen, Psychol Bull 1968;70:213-220)."""
    if not first:
        return None
    n, ours, theirs = len(first), Counter(first), Counter(second)
    seen = sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) / n
    chance = sum(
        count * other * (a - b) ** 2 for a, count in ours.items() for b, other in theirs.items()
    )
    return 1 - seen / (chance / n**2) if chance else None


def mean(figures: Iterable[float | None]) -> float | None:
    """The mean of those that are defined."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) / len(known) if known else None


def _equal(first: Values, second: Values) -> float:
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first)


def _beyond(seen: float, chance: float) -> float | None:
    return (seen - chance) / (1 - chance) if chance < 1 else None
