"""Triggers that keep what the Data page lists of a study true, whichever way its images come, are held or go.

They describe anew every study of which a ready image came or went: its kind, number of images, picture and words
(the function `archive_describe_studies` of migration 0003). A description that every writer had to keep would soon
be wrong, and one that is made for each page would go through a million rows.
"""

import pgtrigger

CHANGED = """
PERFORM archive_describe_studies(ARRAY(
    SELECT DISTINCT series.study_id FROM ({changed}) AS changed
    JOIN archive_series AS series ON series.id = changed.series_id
));
RETURN NULL;
"""


def _described_anew(
    name: str, operation: pgtrigger.Operation, changed: str, **tables: str
) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),  # type: ignore[no-untyped-call]
        func=CHANGED.format(changed=changed),
    )


INSTANCES_CHANGED = [
    _described_anew(
        "study_gains",
        pgtrigger.Insert,
        "SELECT series_id FROM gained WHERE state = 'ready'",
        new="gained",
    ),
    _described_anew(
        "study_loses",
        pgtrigger.Delete,
        "SELECT series_id FROM lost WHERE state = 'ready'",
        old="lost",
    ),
    _described_anew(
        "study_changes",
        pgtrigger.Update,
        "SELECT unnest(ARRAY[was.series_id, is_now.series_id]) AS series_id"
        " FROM was JOIN is_now USING (id)"
        " WHERE (was.state, was.series_id) IS DISTINCT FROM (is_now.state, is_now.series_id)",
        old="was",
        new="is_now",
    ),
]
SERIES_CHANGED = _described_anew(
    "study_is_described_otherwise",
    pgtrigger.Update,
    "SELECT id AS series_id FROM is_now",
    new="is_now",
)
