"""Writes the rows of a batch of files in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from . import link, store
from .models import Instance, Patient, Series, Study
from .prepare import Prepared
from .refused import Refused

LOCK = 0x0A2C41FE  # of this step alone; any number that nothing else in the database takes

ALREADY = "is already here; nothing was changed."
OTHER_BYTES = "has the SOPInstanceUID of another file that is already here; leave it out, or export it with a new UID."
OTHER_PATIENT = "belongs to a study that is already here under another patient; correct its PatientID or its UIDs."
OTHER_STUDY = "belongs to a series that is already here in another study; correct its UIDs."


def known(source_hashes: Iterable[str], sop_instance_uids: Iterable[str]) -> dict[str, str]:
    """Which of these are here: source hash by SOPInstanceUID."""
    by_source = Instance.everything.filter(source_hash__in=list(source_hashes))
    by_uid = Instance.everything.filter(sop_instance_uid__in=list(sop_instance_uids))
    return dict(by_source.union(by_uid).values_list("sop_instance_uid", "source_hash"))


def forget_unnamed(file_hashes: Iterable[str]) -> None:
    """Removes those of these stored files that no row names: of what was refused at last, masked or thrown away."""
    if wanted := set(file_hashes):
        rows = Instance.everything.filter(file_hash__in=wanted)
        for file_hash in wanted.difference(rows.values_list("file_hash", flat=True)):
            store.originals().delete(store.file_of(file_hash))


Image = tuple[str, str, str]  # its pixels, study and patient


def images(sop_instance_uids: Iterable[str]) -> dict[str, Image]:
    """What tells that an instance which came by another way, in other bytes, is the same."""
    uids = list(sop_instance_uids)
    if not uids:
        return {}
    rows = Instance.everything.filter(sop_instance_uid__in=uids).values_list(
        "sop_instance_uid",
        "pixel_hash",
        "series__study__study_instance_uid",
        "series__study__patient__patient_id",
    )
    return {uid: (pixels, study, patient) for uid, pixels, study, patient in rows}


def image_of(prepared: Prepared) -> Image:
    return (
        prepared.instance["pixel_hash"],
        prepared.study["study_instance_uid"],
        prepared.patient["patient_id"],
    )


def record(batch: Sequence[tuple[Prepared, store.Stored]]) -> list[Refused | None]:
    """The rows of each file, in the batch's order: None where taken, else why it was not.

    One ingest at a time passes here, for some milliseconds: so two that bring the same file, patient or study at
    once make one row of it.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        rows = _Rows.of([prepared for prepared, _ in batch])
        outcomes: list[Refused | None] = []
        for prepared, stored in batch:
            try:
                rows.add(prepared, stored)
                outcomes.append(None)
            except Refused as reason:
                outcomes.append(reason)
        rows.write()
    return outcomes


@dataclass
class _Rows:
    """The rows that a batch touches: those that stand already, and those that it brings."""

    patients: dict[str, Patient]
    studies: dict[str, Study]
    series: dict[str, Series]
    images: dict[str, Image]
    new_patients: list[Patient] = field(default_factory=list)
    new_studies: list[Study] = field(default_factory=list)
    new_series: list[Series] = field(default_factory=list)
    links: list[tuple[Study, dict[str, str]]] = field(default_factory=list)
    both_sides: set[Series] = field(default_factory=set)
    instances: list[Instance] = field(default_factory=list)

    @classmethod
    def of(cls, batch: list[Prepared]) -> "_Rows":
        patients = Patient.objects.in_bulk(
            {p.patient["patient_id"] for p in batch}, field_name="patient_id"
        )
        studies = Study.objects.select_related("patient").in_bulk(
            {p.study["study_instance_uid"] for p in batch}, field_name="study_instance_uid"
        )
        series = Series.objects.select_related("study").in_bulk(
            {p.series["series_instance_uid"] for p in batch}, field_name="series_instance_uid"
        )
        return cls(patients, studies, series, images(p.instance["sop_instance_uid"] for p in batch))

    def add(self, prepared: Prepared, stored: store.Stored) -> None:
        """Raises Refused when the file contradicts what is here."""
        uid = prepared.instance["sop_instance_uid"]
        if uid in self.images:
            same = self.images[uid] == image_of(prepared)
            raise Refused(ALREADY if same else OTHER_BYTES, code="other_bytes")
        self._check_parents(prepared)
        patient = self._patient(prepared.patient)
        study = self._study(prepared.study, patient)
        series = self._series(prepared.series, study)
        if prepared.link and study.pk is None:
            self.links.append((study, prepared.link))
        self.images[uid] = image_of(prepared)
        self.instances.append(
            Instance(
                series=series,
                file=stored.file,
                file_hash=stored.file_hash,
                size_bytes=stored.size_bytes,
                state=prepared.hold.state,
                hold_reasons=prepared.hold.reasons,
                **prepared.instance,
            )
        )

    def write(self) -> None:
        for patient, number in zip(
            self.new_patients, _patient_numbers(len(self.new_patients)), strict=True
        ):
            patient.pk, patient.pseudonym = number, f"P-{number:04d}"
        Patient.objects.bulk_create(self.new_patients)
        Study.objects.bulk_create(self.new_studies)
        Series.objects.bulk_create(self.new_series)
        link.keep(self.links)
        Instance.objects.bulk_create(self.instances)
        if self.both_sides:
            Series.objects.filter(pk__in=[series.pk for series in self.both_sides]).update(
                laterality="B"
            )

    def _check_parents(self, prepared: Prepared) -> None:
        study = self.studies.get(prepared.study["study_instance_uid"])
        if study and study.patient.patient_id != prepared.patient["patient_id"]:
            raise Refused(OTHER_PATIENT, code="other_patient")
        series = self.series.get(prepared.series["series_instance_uid"])
        if series and series.study.study_instance_uid != prepared.study["study_instance_uid"]:
            raise Refused(OTHER_STUDY, code="other_study")

    def _patient(self, fields: dict[str, Any]) -> Patient:
        patient = self.patients.get(fields["patient_id"])
        if patient is None:
            patient = self.patients[fields["patient_id"]] = Patient(**fields)
            self.new_patients.append(patient)
        return patient

    def _study(self, fields: dict[str, Any], patient: Patient) -> Study:
        uid = fields["study_instance_uid"]
        if uid not in self.studies:
            self.studies[uid] = Study(patient=patient, **fields)
            self.new_studies.append(self.studies[uid])
        return self.studies[uid]

    def _series(self, fields: dict[str, Any], study: Study) -> Series:
        uid = fields["series_instance_uid"]
        if uid not in self.series:
            self.series[uid] = Series(study=study, **fields)
            self.new_series.append(self.series[uid])
        series = self.series[uid]
        if {series.laterality, fields["laterality"]} == {"R", "L"}:
            series.laterality = "B"
            if series.pk:
                self.both_sides.add(series)
        return series


def _patient_numbers(count: int) -> list[int]:
    """The ids of the next patients: their pseudonyms are made of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Patient._meta.db_table, count],
        )
        return [int(row[0]) for row in cursor.fetchall()]
