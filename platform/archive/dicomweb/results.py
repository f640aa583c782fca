"""What a search answers: the attributes of PS3.18 10.6.3.3, from our rows and the metadata of one instance each."""

from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Func, JSONField, Min, QuerySet, Value
from django.http import HttpRequest
from pydicom.datadict import dictionary_VR

from archive.models import Instance

from .keys import FROM_METADATA, KEYS, level_of, tag_of
from .levels import INSTANCE, SERIES, STUDY, Level
from .urls import instance_url, root, series_url, study_url

Attributes = dict[str, Any]  # tag: element of the DICOM JSON model

# attribute: its path from an instance
COLUMNS: dict[Level, dict[str, str]] = {
    STUDY: {
        name: KEYS[name].where
        for name in (
            *("StudyDate", "StudyTime", "StudyDescription", "StudyInstanceUID"),
            *("PatientName", "PatientID", "PatientSex"),
        )
    },
    SERIES: {
        name: KEYS[name].where
        for name in (
            *("Modality", "SeriesDescription", "SeriesInstanceUID", "SeriesNumber"),
            *("BodyPartExamined", "Laterality"),
        )
    },
    INSTANCE: {
        "SOPClassUID": "sop_class_uid",
        "SOPInstanceUID": "sop_instance_uid",
        "InstanceNumber": "instance_number",
        "Rows": "rows",
        "Columns": "columns",
        "NumberOfFrames": "number_of_frames",
    },
}
PATHS = {name: path for columns in COLUMNS.values() for name, path in columns.items()}
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
OF_PARENTS = {STUDY: "series__study_id", SERIES: "series_id"}


def described(
    request: HttpRequest,
    instances: QuerySet[Instance],
    level: Level,
    levels: list[Level],
    page: list[int],
    fields: frozenset[str],
) -> list[Attributes]:
    """The attributes of `levels`, and those that `fields` ask for, of the rows of `level` in the page's order."""
    if not page:
        return []
    samples = _samples(instances, level, page)
    rows = _rows(level, levels, list(samples.values()), fields)
    counts = {
        one: _counts(instances, one, {row[OF_PARENTS[one]] for row in rows.values()})
        for one in levels
        if one is not INSTANCE
    }
    base = root(request)
    return [
        _result(rows[samples[pk]], level, levels, counts, fields, base)
        for pk in page
        if pk in samples
    ]


def _samples(instances: QuerySet[Instance], level: Level, page: list[int]) -> dict[int, int]:
    """The instance that stands for each row."""
    if level is INSTANCE:
        return {pk: pk for pk in page}
    grouped = instances.filter(**{f"{level.path}__in": page}).order_by().values_list(level.path)
    return dict(grouped.annotate(sample=Min("pk")))


def _rows(
    level: Level, levels: list[Level], samples: list[int], fields: frozenset[str]
) -> dict[int, dict[str, Any]]:
    wanted = {tag_of(name) for one in levels for name in FROM_METADATA[one]} | fields - {"all"}
    picked = {f"tag_{tag}": _picked(tag) for tag in wanted}
    whole = ("metadata",) if "all" in fields else ()
    # by primary key of what was found among the visible
    rows = Instance.objects.filter(pk__in=samples).values(
        "pk", *OF_PARENTS.values(), *PATHS.values(), *whole, **picked
    )
    return {row["pk"]: row for row in rows}


def _picked(tag: str) -> Func:
    """One element of the metadata. Django's own path takes a tag of digits alone for an index."""
    return Func("metadata", Value(tag), function="jsonb_extract_path", output_field=JSONField())


def _counts(
    instances: QuerySet[Instance], level: Level, parents: set[int]
) -> dict[int, Attributes]:
    grouped = instances.filter(**{f"{level.path}__in": parents}).order_by().values(level.path)
    if level is SERIES:
        return {
            row[level.path]: {"NumberOfSeriesRelatedInstances": row["instances"]}
            for row in grouped.annotate(instances=Count("pk"))
        }
    return {
        row[level.path]: {
            "ModalitiesInStudy": row["modalities"],
            "NumberOfStudyRelatedSeries": row["series_count"],
            "NumberOfStudyRelatedInstances": row["instances"],
        }
        for row in grouped.annotate(
            modalities=ArrayAgg("series__modality", distinct=True),
            series_count=Count("series", distinct=True),
            instances=Count("pk"),
        )
    }


def _result(
    row: dict[str, Any],
    level: Level,
    levels: list[Level],
    counts: dict[Level, dict[int, Attributes]],
    fields: frozenset[str],
    base: str,
) -> Attributes:
    found: Attributes = {
        tag: element
        for tag, element in row.get("metadata", {}).items()
        if level_of(tag).rank <= level.rank
    }
    for name, element in row.items():
        tag = name.removeprefix("tag_")
        if name != tag and element is not None and level_of(tag).rank <= level.rank:
            found[tag] = element
    values = {name: row[PATHS[name]] for name in UIDS[: level.rank + 1]}
    for one in levels:
        values |= {name: row[path] for name, path in COLUMNS[one].items()}
        if one in counts:
            values |= counts[one].get(row[OF_PARENTS[one]], {})
    values |= {"InstanceAvailability": "ONLINE", "RetrieveURL": _address(row, level, base)}
    found |= {tag_of(name): _element(name, value) for name, value in values.items()}
    found["00080005"] = {"vr": "CS", "Value": ["ISO_IR 192"]}  # JSON is UTF-8
    return _without_addresses(dict(sorted(found.items())))


def _address(row: dict[str, Any], level: Level, base: str) -> str:
    uids = [row[PATHS[name]] for name in UIDS]
    if level is STUDY:
        return study_url(base, uids[0])
    return series_url(base, *uids[:2]) if level is SERIES else instance_url(base, *uids)


def _without_addresses(found: Attributes) -> Attributes:
    """Bulk data is had through the metadata; a search says no more than that it is there."""
    return {tag: element for tag, element in found.items() if "BulkDataURI" not in element}


def _element(name: str, value: Any) -> Attributes:
    vr = dictionary_VR(int(tag_of(name), 16))
    values = value if isinstance(value, list) else [value]
    filled = [_json(vr, one) for one in values if one not in ("", None)]
    return {"vr": vr, "Value": filled} if filled else {"vr": vr}


def _json(vr: str, value: Any) -> Any:
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    return {"Alphabetic": value} if vr == "PN" else value
