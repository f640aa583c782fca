"""Regions as a demo reader draws them: where the phantom's truth says."""

from typing import Any

from archive.deidentify import archived_uid

Box = tuple[float, float, float, float]


def box_item(number: int, image: str, box: Box, **more: object) -> dict[str, Any]:
    """`image`: the phantom's own SOP Instance UID; `box` in continuous pixels."""
    return {
        "id": f"r{number:032x}",
        "image": archived_uid(image),
        "frame": 1,
        "box": [round(value, 2) for value in box],
        "attributes": {},
        **more,
    }
