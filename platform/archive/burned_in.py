"""Whether an image may show a name (placeholder)."""

from dataclasses import dataclass, field

from pydicom.dataset import Dataset

from .image import Image


@dataclass(frozen=True)
class Hold:
    state: str = "ready"
    reasons: list[dict[str, str]] = field(default_factory=list)


def judge(header: Dataset, image: Image) -> Hold:
    return Hold()
