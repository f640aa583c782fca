"""Fields and items of region kinds, sound until a test changes them."""

from typing import Any

IMAGE = "1.2.3"


def make_field(kind: str, **more: Any) -> dict[str, Any]:
    own: dict[str, dict[str, Any]] = {
        "mask": {"segments": [{"value": "effusion", "label": "Effusion"}]},
    }
    return {"key": "place", "kind": kind, "label": "Place"} | own.get(kind, {}) | more


def make_item(kind: str, number: int = 1, **more: Any) -> dict[str, Any]:
    shapes: dict[str, dict[str, Any]] = {
        "boxes": {"box": [10, 20, 30.5, 40]},
        "points": {"at": [10, 20.25]},
        "polygon": {"points": [[0, 0], [10, 0], [10, 10], [0, 10]]},
        "mask": {"segment": "effusion", "rows": 100, "columns": 50, "runs": [0, 5, 50, 5]},
        "measure": {
            "type": "length",
            "points": [[0, 0], [30, 40]],
            "value": 25.0,
            "unit": "mm",
            "spacing": "patient",
        },
    }
    common = {"id": f"r{number:032x}", "image": IMAGE, "frame": 1, "attributes": {}}
    return common | shapes[kind] | more
