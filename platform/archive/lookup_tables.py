"""Cuts the tables of colours and grey values to what their descriptors announce (PS3.3 C.7.6.3.1.5, C.11.1.1)."""

from struct import unpack_from

from pydicom.dataset import Dataset

PAIRS = (
    *(
        (f"{color}PaletteColorLookupTableData", f"{color}PaletteColorLookupTableDescriptor")
        for color in ("Red", "Green", "Blue", "Alpha")
    ),
    ("LUTData", "LUTDescriptor"),
)
SEGMENTED = tuple(
    (f"Segmented{color}PaletteColorLookupTableData", f"{color}PaletteColorLookupTableDescriptor")
    for color in ("Red", "Green", "Blue")
)
WORDS_BEHIND = {1: 1, 2: 2}  # of linear and indirect segments; a discrete one says its length


def trim(dataset: Dataset) -> None:
    """Entries behind a table's announced end are nobody's colours and may hold anything."""
    for keyword, descriptor in PAIRS:
        if keyword in dataset:
            _trim(dataset, keyword, _entries(dataset, descriptor))
    for keyword, descriptor in SEGMENTED:
        if keyword in dataset and not _is_segmented(
            dataset[keyword].value, _entries(dataset, descriptor)
        ):
            del dataset[keyword]


def _entries(dataset: Dataset, descriptor: str) -> int:
    """0 where it is not said."""
    value = dataset.get(descriptor)
    if isinstance(value, bytes):  # its VR is ambiguous: US or SS
        value = unpack_from("<3H", value) if len(value) == 6 else None
    return (int(value[0]) or 1 << 16) if value is not None and len(value) == 3 else 0


def _trim(dataset: Dataset, keyword: str, entries: int) -> None:
    element = dataset[keyword]
    value = element.value
    if not entries or not isinstance(value, bytes | list):
        del dataset[keyword]
        return
    most = entries * 2 if isinstance(value, bytes) else entries
    if len(value) > most:
        element.value = value[:most]


def _is_segmented(value: object, entries: int) -> bool:
    """Whether the segments lie one behind the other up to the end (PS3.3 C.7.9.2)."""
    if not entries or not isinstance(value, bytes) or len(value) % 2:
        return False
    words = unpack_from(f"<{len(value) // 2}H", value)
    at = 0
    while at + 1 < len(words):
        kind, length = words[at : at + 2]
        if kind > 2:
            return False
        at += 2 + WORDS_BEHIND.get(kind, length)
    return at == len(words)
