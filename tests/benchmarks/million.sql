-- A million images as an archive of bones and joints may hold them: rows only, no pixels.
-- 190,000 radiographic studies of 2 to 3 images, 2,400 MR studies of 120, 600 CT studies of 400.
CREATE TEMP TABLE plan AS
SELECT n AS id, modality, images_a_series, series_count,
    (ARRAY['KNEE', 'HAND', 'HIP', 'ANKLE', 'SHOULDER', 'FOOT', 'SPINE', ''])[1 + n * 7919 % 8] AS body_part,
    (ARRAY['R', 'L', 'R', 'L', ''])[1 + n * 104729 % 5] AS laterality
FROM (
    SELECT n::bigint AS n, 'DX' AS modality, 1 AS images_a_series, 2 + n % 2 AS series_count FROM generate_series(1, 190000) AS n
    UNION ALL SELECT n, 'MR', 24, 5 FROM generate_series(190001, 192400) AS n
    UNION ALL SELECT n, 'CT', 200, 2 FROM generate_series(192401, 193000) AS n
) AS sorts;
UPDATE plan SET modality = 'CR' WHERE id % 3 = 0 AND modality = 'DX';
-- the sorts come mixed in time, as they do in a hospital
CREATE TEMP TABLE mixed AS
SELECT row_number() OVER (ORDER BY md5(id::text)) AS study, plan.* FROM plan;

INSERT INTO archive_patient (id, patient_id, pseudonym, patient_sex)
SELECT n, 'bench-' || n, 'P-' || lpad(n::text, greatest(4, length(n::text)), '0'), (ARRAY['F', 'M'])[1 + n % 2] FROM generate_series(1, 120000) AS n;

INSERT INTO archive_study
    (id, patient_id, study_instance_uid, study_date, study_time, study_description, instance_count, thumbnail_uid)
SELECT study, 1 + study * 31 % 120000, '2.25.1' || lpad(study::text, 20, '0'), date '2015-01-01' + (study % 4000)::int, '',
    initcap(body_part) || ' ' || (ARRAY['standing', 'two views', 'trauma', 'follow-up', 'before operation'])[1 + study % 5],
    0, ''
FROM mixed;

INSERT INTO archive_series
    (study_id, series_instance_uid, modality, body_part_examined, laterality, view_position, series_description, series_number)
SELECT study, '2.25.2' || lpad((study * 10 + n)::text, 20, '0'), modality, body_part, laterality,
    CASE WHEN modality IN ('DX', 'CR') THEN (ARRAY['PA', 'LL', 'AP'])[n] ELSE '' END,
    CASE modality WHEN 'MR' THEN (ARRAY['t1 sag', 'pd fs cor', 'pd fs sag', 't2 ax', 'localizer'])[n] ELSE '' END, n
FROM mixed CROSS JOIN LATERAL generate_series(1, series_count) AS n;

INSERT INTO archive_studykind (modalities, body_parts, laterality)
SELECT DISTINCT ARRAY[modality], CASE body_part WHEN '' THEN '{}' ELSE ARRAY[body_part] END, laterality FROM mixed;

ANALYZE archive_patient, archive_study, archive_series;

INSERT INTO archive_instance
    (series_id, sop_instance_uid, sop_class_uid, transfer_syntax_uid, instance_number, rows, columns, number_of_frames,
     bits_stored, photometric_interpretation, file, file_hash, source_hash, pixel_hash, size_bytes, frames, metadata,
     state, hold_reasons, text_boxes, masked_boxes)
SELECT series.id, '2.25.3' || lpad((series.id * 1000 + n)::text, 20, '0'), '1.2.840.10008.5.1.4.1.1.1.1',
    '1.2.840.10008.1.2.4.201', n, 2500, 2000, 1, 12, 'MONOCHROME2', 'aa/bb/' || repeat('0', 64) || '.dcm',
    md5(series.id || '/' || n), md5(n || '/' || series.id), md5(series.id || '-' || n), 4500000,
    '[[[1840, 4498000]]]', jsonb_build_object('00080060', jsonb_build_object('vr', 'CS', 'Value', ARRAY[series.modality])),
    'ready', '[]', '[]', '[]'
FROM archive_series AS series
JOIN mixed ON mixed.study = series.study_id
CROSS JOIN LATERAL generate_series(1, images_a_series) AS n;

SELECT setval(pg_get_serial_sequence('archive_' || name, 'id'), highest)
FROM (VALUES ('patient', (SELECT max(id) FROM archive_patient)), ('study', (SELECT max(id) FROM archive_study)))
    AS tables (name, highest);
-- what autovacuum does by itself some minutes after so much came in
VACUUM ANALYZE archive_patient, archive_study, archive_series, archive_instance;
