"""What is looked at of an image: where it stands in the archive, and the few attributes that say what it shows."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from archive.name_side import words_of

IMAGE_LATERALITY, LATERALITY = "00200062", "00200060"
VIEW_POSITION, VIEW_CODE, PATIENT_ORIENTATION = "00185101", "00540220", "00200020"
BODY_PART_EXAMINED, ANATOMIC_REGION, REGION_MODIFIER = "00180015", "00082218", "00082220"
STUDY_DESCRIPTION = "00081030"
# SeriesDescription, ProtocolName, AcquisitionDeviceProcessingDescription, PerformedProcedureStepDescription
NEAR_DESCRIPTIONS = ("0008103E", "00181030", "00181400", "00400254")
TAGS = (
    IMAGE_LATERALITY,
    LATERALITY,
    VIEW_POSITION,
    VIEW_CODE,
    PATIENT_ORIENTATION,
    BODY_PART_EXAMINED,
    ANATOMIC_REGION,
    STUDY_DESCRIPTION,
    *NEAR_DESCRIPTIONS,
)


class Image(NamedTuple):
    """One ready instance; `attributes` is DICOM JSON (PS3.18 F) of TAGS."""

    study: int
    study_instance_uid: str
    patient: int
    series: int
    series_instance_uid: str
    instance: int
    instance_number: int | None
    name_side: str
    markers: str  # that were read in its pixels: "PA R"
    attributes: Mapping[str, Any]
    frame_lateralities: list[str]  # (0020,9072) of an enhanced image's functional groups
    frame_regions: list[Any]  # items of (0008,2218) there

    def text(self, tag: str) -> str:
        return " ".join(str(value) for value in self.values(tag)).strip().upper()

    def values(self, tag: str) -> list[Any]:
        found = self.attributes.get(tag, {}).get("Value", [])
        return [value for value in found if value is not None]

    def codes(self, tag: str) -> list[tuple[str, str]]:
        """(CodeValue, CodingSchemeDesignator) of each item of a code sequence."""
        return list(codes_of(self.values(tag)))

    @property
    def regions(self) -> list[Any]:
        return [*self.values(ANATOMIC_REGION), *self.frame_regions]

    @property
    def near_words(self) -> list[str]:
        """The words that describe this series or image, not the whole study."""
        return [word for tag in NEAR_DESCRIPTIONS for word in words_of(self.text(tag))]

    @property
    def study_words(self) -> list[str]:
        return words_of(self.text(STUDY_DESCRIPTION))


def codes_of(items: list[Any]) -> Iterator[tuple[str, str]]:
    for item in items:
        value, scheme = (
            (item.get(tag, {}).get("Value") or [""])[0] for tag in ("00080100", "00080102")
        )
        if value:
            yield str(value), str(scheme)
