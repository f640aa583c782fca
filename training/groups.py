"""Which groups a case of the locked test belongs to: what its model's figures are split by, to see whom it serves worse.

No place of origin is among them: de-identification takes the institution out of every file before it is stored.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from annotation.models import Snapshot, SnapshotCase
from archive.models import Instance

if TYPE_CHECKING:  # pictures load torch, and the page of a card asks here what a phantom is called
    from training.pictures import Picture

Groups = dict[str, str]
UNKNOWN = "unknown"
MANUFACTURER = "00080070"
PHANTOM = "Osteon phantom"  # as phantoms/dicom.py signs its files


def groups_of(snapshot: Snapshot, pictures: "Sequence[Picture]") -> list[Groups]:
    """{"sex", "manufacturer", "reader"} of each picture's case; reader: the id of who made its reference."""
    rows = SnapshotCase.objects.filter(snapshot=snapshot, split="test")
    known = {
        case: (sex, str(reader))
        for case, sex, reader in rows.values_list(
            "case_id", "case__patient__patient_sex", "annotation__reader_id"
        )
    }
    makers = _makers([picture.instance for picture in pictures])
    return [
        {
            "sex": known[picture.case][0] or UNKNOWN,
            "manufacturer": makers.get(picture.instance) or UNKNOWN,
            "reader": known[picture.case][1],
        }
        for picture in pictures
    ]


def images_by_maker(pictures: "Sequence[Picture]") -> Mapping[str, int]:
    """How many of the pictures came from which manufacturer's machines, most first."""
    makers = _makers([picture.instance for picture in pictures])
    found = Counter(makers.get(picture.instance) or UNKNOWN for picture in pictures)
    return dict(found.most_common())


def _makers(instances: Sequence[int]) -> dict[int, str]:
    rows = Instance.objects.filter(pk__in=instances)
    return dict(rows.values_list("pk", f"metadata__{MANUFACTURER}__Value__0"))
