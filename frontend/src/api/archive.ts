import { get } from './http'
import type { Page } from './tasks'

export interface StudyRow {
  study_instance_uid: string
  patient: string
  study_date: string | null
  study_description: string
  modality: string
  body_part_examined: string
  laterality: string
  instances: number
  thumbnail: string | null
}

/** A value of a filter, and how many studies it would leave. */
export interface FacetValue {
  value: string
  studies: number
}

export const FILTERS = ['modality', 'body_part', 'laterality'] as const

export type Filter = (typeof FILTERS)[number]

export type Wanted = Partial<Record<Filter | 'search', string>>

export interface StudyPage extends Page<StudyRow> {
  counts: { studies: number; instances: number }
  facets: Record<Filter, FacetValue[]>
}

export interface StudyImage {
  sop_instance_uid: string
  instance_number: number | null
  rows: number
  columns: number
  number_of_frames: number
  transfer_syntax_uid: string
  thumbnail: string
}

export interface StudySeries {
  series_instance_uid: string
  series_number: number | null
  series_description: string
  modality: string
  body_part_examined: string
  laterality: string
  view_position: string
  instances: StudyImage[]
}

export interface Study {
  study_instance_uid: string
  patient: string
  patient_sex: string
  study_date: string | null
  study_description: string
  instances: number
  series: StudySeries[]
}

export function listStudies(wanted: Wanted, cursor: string | null): Promise<StudyPage> {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(wanted)) if (value) query.set(name, value)
  if (cursor) query.set('cursor', cursor)
  return get(`/api/studies/?${query}`)
}

export const getStudy = (uid: string): Promise<Study> => get(`/api/studies/${uid}/`)

export const WADO_ROOT = '/dicomweb'
