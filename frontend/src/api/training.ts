import type { SaidBy } from '../texts/server'
import type { Form } from './forms'
import { get, post } from './http'
import type { CurvePoint, Job, LogLine } from './jobs'

export interface Estimate {
  value: number | null
  low: number | null
  high: number | null
}

export interface GateVerdict {
  passed: boolean
  /** Passed although the test is too small to show that the version is not worse. */
  provisional: boolean
  /** Answers that it has learned and does not give: they were not shown to be above chance. */
  left_out?: string[]
  /** Cases of the locked test whose images could not be read. */
  not_judged?: number
  /** What decided, by answer; a code where a page can say it in another language. */
  reasons?: { slot: string; reason: string; code: string; parameters: Record<string, unknown> }[]
  /** How many answers were judged. */
  answers?: number
  reason: string
  /** The number of the version that was current then; null of a first one, not in older cards. */
  against?: number | null
  /** How often the locked test had been used, this time included; null where nobody counted. */
  test_uses: number | null
}

export type Speed = 'fast' | 'full'

export interface TrainingRun {
  id: number
  speed: Speed
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'refused'
  trigger: string
  trigger_said?: SaidBy
  references: number
  created_at: string
  finished_at: string | null
  error: string
  error_said?: SaidBy
  model: number | null
  gate: GateVerdict | null
  job: Job | null
}

export interface LearningPoint extends Estimate {
  model: number
  references: number
  /** All points of a curve are of one. */
  slot: string
  metric: string
  speed: Speed
  at: string
}

export interface Training {
  run: TrainingRun | null
  /** The number of the version in use. */
  current: number | null
  decision: { at: string | null; started: boolean; reason: string; reason_said?: SaidBy } | null
  new_references: number
  retrain_every: number
  references: number
  runs: TrainingRun[]
  curve: LearningPoint[]
}

/** Of one class among several. */
export interface Rate {
  n: number
  sensitivity: Estimate | null
  specificity: Estimate | null
}

/** Model less reference; the limits of old cards are plain numbers. */
export interface Agreement {
  mean: Estimate
  lower: Estimate | number
  upper: Estimate | number
  /** Each case as [mean of both, difference]. */
  points: [number, number][]
}

export interface Metrics {
  n?: number
  n_patients?: number
  qwk?: Estimate | null
  accuracy?: Estimate | null
  mae?: Estimate | null
  auc?: Estimate | null
  sensitivity?: Estimate | null
  specificity?: Estimate | null
  /** Of findings: from which chance on they are called present. */
  point?: number
  per_grade?: (Rate & { grade: number })[] | null
  per_option?: (Rate & { option: string })[] | null
  bland_altman?: Agreement | null
  confusion?: number[][] | null
  /** Of places: the curve at a few false marks a case, and the whole of it as [false marks a case, sensitivity]. */
  froc?: { false_per_case: number; sensitivity: Estimate }[] | null
  froc_curve?: [number, number][] | null
  /** The same by false marks an image, where cases have several. */
  froc_image?: { false_per_image: number; sensitivity: Estimate }[] | null
  froc_curve_image?: [number, number][] | null
}

export interface ModelVersion {
  id: number
  number: number
  state: 'current' | 'candidate' | 'retired' | 'refused' | 'deleted'
  speed: Speed
  references: number
  created_at: string
  promoted_at: string | null
  promoted_by: string | null
  slots: Record<string, { kind: string; metric: string; metrics: Metrics | null }>
  gate: GateVerdict | null
  /** It kept what it said of its test, so that it can be compared with another version. */
  comparable: boolean
  snapshot: { id: number; number: number; hash: string } | null
}

export interface Bin {
  from: number
  to: number
  n: number
  /** The mean chance that the model gave. */
  chance: number
  /** How often it was so. */
  share: Estimate
}

export interface Calibration {
  /** What the chance is of: the decided value being right, or the finding being present. */
  event: 'decided' | 'present'
  n: number
  n_patients: number
  ece: Estimate
  bins: Bin[]
}

export interface Subgroup {
  by: string
  value: string
  n: number
  n_patients: number
  metric: string
  /** Null where there are too few patients to say anything. */
  figure: Estimate | null
}

type Tally = Record<string, number>
export type Split = 'train' | 'tune' | 'test'

export interface Counts {
  cases: number
  patients: number
  splits: Record<Split, { cases: number; patients: number; slots: Record<string, Tally> }>
}

export interface Purpose {
  is: string
  for: string[]
  not_for: string[]
}

/** All that is known of a version; the null parts are of versions from before they were kept. */
export interface Promised {
  shown: boolean
  level: number
  patients: number
  least_patients: number
  needed: number | null
}

export interface Card extends ModelVersion {
  task: { id: number }
  purpose: Purpose & { is_zh: string; for_zh: string[]; not_for_zh: string[] }
  counts: Counts | null
  images: Tally | null
  /** Cases that taught and proved nothing: unreadable ones, and those with the pixels of another and other answers. */
  missing: {
    unread: Record<Split, number>
    differing: number
    learned_before?: number // not in older cards
  } | null
  /** By answer with sets or intervals: are they shown to readers, and from which measured coverage on? */
  promises: Record<string, Promised>
  /** What it reads of a patient beside the images, and of how many cases it was not known. */
  beside: Record<string, { unit: string; not_known: Record<Split, number> }>
  code: Record<string, string> | null
  settings: Record<string, unknown> | null
  /** `evidence`: by answer, the places whose marks it weighs. */
  model: {
    calibration: Record<string, unknown>
    evidence?: Record<string, { places: string[] }>
  } | null
  start: Record<string, string> | null
  seed: number
  weights: string
  /** Its weight file is missing or damaged. */
  lost: boolean
  encoder: string
  test_uses_now: number
  run: {
    id: number
    trigger: string
    trigger_said?: SaidBy
    attempts: number
    queued_at: string
    started_at: string | null
    finished_at: string | null
  }
  deleted: ModelEvent | null
  judged: Record<string, { calibration: Calibration | null; subgroups: Subgroup[] }>
  labels: Record<string, string>
  /** What it learned: the task's may have changed since. */
  form: Form
}

export interface Disagreement {
  case: number
  name: string
  reference: unknown
  older: unknown
  newer: unknown
}

export interface ComparedSlot {
  kind: string
  metric: string
  older: Metrics
  newer: Metrics
  difference: Estimate
  disagree: Disagreement[]
  /** How many there are, shown or not. */
  disagreements: number
}

export interface Comparison {
  older: number
  newer: number
  n: number
  n_patients: number
  cases_shown: boolean
  slots: Record<string, ComparedSlot>
}

type StartsDid = 'uploaded' | 'pretrained' | 'chosen' | 'left'

export interface ModelEvent {
  id: number
  /** Its number; null where it is about weights to start from. */
  model: number | null
  weights: string | null
  what: 'made' | 'promoted' | 'rolled_back' | 'retired' | 'deleted' | 'downloaded' | StartsDid
  by: string | null
  reason: string
  reason_said?: SaidBy
  at: string
}

export interface RunLog {
  id: number
  log: LogLine[]
  curve: CurvePoint[]
}

export const getTraining = (task: number): Promise<Training> => get(`/api/tasks/${task}/training/`)

export const listModels = (task: number): Promise<ModelVersion[]> =>
  get(`/api/tasks/${task}/models/`)

export const retrain = (task: number, speed: Speed): Promise<Job> =>
  post(`/api/tasks/${task}/retrain/`, { speed })

/** By speed: why a training that is asked for would not start now; empty where it would. */
export type Startable = Record<Speed, { why_not: string; why_not_said?: SaidBy }>

export const getStartable = (task: number): Promise<Startable> => get(`/api/tasks/${task}/retrain/`)

export const promote = (model: number): Promise<unknown> => post(`/api/models/${model}/promote/`)

export const getCard = (model: number): Promise<Card> => get(`/api/models/${model}/card/`)

/** `again`: at once, although the last one failed or was cancelled. */
export const compareModels = (
  one: number,
  other: number,
  again = false,
): Promise<{ job: Job | null; result: Comparison | null }> =>
  post(`/api/models/${one}/compare/${other}/`, { again })

export const listHistory = (task: number): Promise<ModelEvent[]> =>
  get(`/api/tasks/${task}/models/history/`)

export const deleteModel = (model: number, reason: string): Promise<unknown> =>
  post(`/api/models/${model}/delete/`, { reason })

export const getLog = (run: number): Promise<RunLog> => get(`/api/runs/${run}/log/`)
