"""Agreement on numbers."""

from collections.abc import Sequence
from statistics import fmean


def icc(*readers: Sequence[float]) -> float | None:
    """ICC(2,1): absolute agreement of single readers drawn from many (Shrout & Fleiss, Psychol Bull 1979;86:420-428).

    readers: the numbers of each, in the order of the cases; two or more of either.
    """
    cases, k, n = list(zip(*readers, strict=True)), len(readers), len(readers[0])
    if n < 2 or k < 2:
        return None
    grand = fmean(value for case in cases for value in case)
    between = k * sum((fmean(case) - grand) ** 2 for case in cases)
    raters = n * sum((fmean(reader) - grand) ** 2 for reader in readers)
    total = sum((value - grand) ** 2 for case in cases for value in case)
    error = (total - between - raters) / ((n - 1) * (k - 1))
    between, raters = between / (n - 1), raters / (k - 1)
    below = between + (k - 1) * error + k * (raters - error) / n
    return (between - error) / below if below > 0 else None


def mean_difference(first: Sequence[float], second: Sequence[float]) -> float | None:
    """The second reader's numbers less the first's, on average."""
    return fmean(b - a for a, b in zip(first, second, strict=True)) if first else None
