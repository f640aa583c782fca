import type { Answers, AnswerValue, Form } from './forms'
import { get, post, put } from './http'
import type { Job } from './jobs'
import type { CaseFlag } from './tasks'

export interface Annotation {
  id: number
  case: number
  state: 'draft' | 'submitted' | 'skipped'
  version: number
  answers: Answers
  /** R or L where the reader settled it. */
  side: string
  form_version: number
  saved_at: string | null
  submitted_at: string | null
  amended_at: string | null
  amend_reason: string
  lease_until: string | null
  active_seconds: number
  flagged: boolean
  flag_note: string
}

export interface CaseImage {
  study_instance_uid: string
  series_instance_uid: string
  sop_instance_uid: string
  number_of_frames: number
  rows: number
  columns: number
  bits_stored: number
  body_part_examined?: string
  modality: string
  view_position: string
  image_laterality: string
  series_description: string
  series_number: number | null
  instance_number: number | null
  /** How its slices cut the patient; '' where the image does not say. */
  plane: '' | 'sagittal' | 'coronal' | 'axial'
  wado_root: string
}

/** An earlier study of the patient, to look at beside the case. */
export interface Prior {
  /** As the archive has it: all dates of a patient were moved by the same number of days. */
  study_date: string | null
  days_before: number | null
  images: CaseImage[]
}

export interface ReadingCase {
  id: number
  task: number
  name: string
  patient: string
  laterality: string
  view: string
  flags: CaseFlag[]
  images: CaseImage[]
  /** The newest first; no part of the case. */
  priors?: Prior[]
}

export interface Progress {
  read: number
  total: number
  mine_today: number
}

export interface SlotPrediction {
  kind: string
  value: AnswerValue
  probabilities: number[]
  /** Of a choice: what the probabilities are of, as the model learned it; the form may have another order by now. */
  options?: string[]
  expected?: number
  /** The ends of what holds the truth with the chance `level`; not there where nothing is promised. */
  low?: number
  high?: number
  level?: number
  uncertainty?: number
}

export interface HeatPlace {
  image: string
  frame: number
  url: string
  /** The address gives that of another image and frame as well, where `series` is there of that series. */
  any_view?: boolean
  series?: string
}

export interface ShownPrediction {
  model: { id: number; number: number }
  slots: Record<string, SlotPrediction>
  /** Where the model looked, by slot: a grey picture over the whole image. */
  heatmaps?: Record<string, HeatPlace>
}

export interface NextCase {
  annotation: Annotation
  case: ReadingCase
  form: Form
  progress: Progress
  prediction: ShownPrediction | null
}

export interface AnswerBody {
  version: number
  answers: Answers
  side: string
  active_seconds: number
}

export interface Submitted {
  annotation: Annotation
  progress: Progress
}

/** The next case for this reader, or null when none is left. `holding`: annotations this tab has open. */
export const nextCase = (task: number, holding: number[]): Promise<NextCase | null> =>
  post(`/api/tasks/${task}/next/`, { holding })

export const saveDraft = (id: number, body: AnswerBody, key: string): Promise<Annotation> =>
  put(`/api/annotations/${id}/`, body, key)

export const submitAnnotation = (id: number, body: AnswerBody, key: string): Promise<Submitted> =>
  post(`/api/annotations/${id}/submit/`, body, key)

export const amendAnnotation = (
  id: number,
  body: AnswerBody & { reason: string },
  key: string,
): Promise<Submitted> => post(`/api/annotations/${id}/amend/`, body, key)

/** The reader's own annotation again, as `next` gave it; never more of a model than he saw then. */
export const readAgain = (id: number): Promise<NextCase> => get(`/api/annotations/${id}/`)

export const flagAnnotation = (id: number, flagged: boolean, note: string): Promise<Annotation> =>
  post(`/api/annotations/${id}/flag/`, { flagged, note })

export const heartbeat = (id: number): Promise<{ lease_until: string }> =>
  post(`/api/annotations/${id}/heartbeat/`)

export const skipAnnotation = (id: number, reason: string, key: string): Promise<unknown> =>
  post(`/api/annotations/${id}/skip/`, { reason }, key)

/** Has a waiting case predicted now; `job` is null where the model has done so already. */
export const predictCase = (id: number): Promise<{ job: Job | null }> =>
  post(`/api/cases/${id}/predict/`)

/** What the reader of an open draft may see of the model now: never of the slots that he has begun to answer. */
export const predictionNow = (
  id: number,
  begun: string[],
): Promise<{ prediction: ShownPrediction | null }> =>
  post(`/api/annotations/${id}/prediction/`, { begun })
