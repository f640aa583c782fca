import { get, post } from './http'
import type { Job } from './jobs'

export interface Estimate {
  value: number | null
  low: number | null
  high: number | null
}

export interface GateVerdict {
  passed: boolean
  /** Passed although the test is too small to show that the version is not worse. */
  provisional: boolean
  reason: string
  /** How often the locked test had been used, this time included; null where nobody counted. */
  test_uses: number | null
}

export type Speed = 'fast' | 'full'

export interface TrainingRun {
  id: number
  speed: Speed
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'refused'
  trigger: string
  references: number
  created_at: string
  finished_at: string | null
  error: string
  model: number | null
  gate: GateVerdict | null
  job: Job | null
}

export interface LearningPoint extends Estimate {
  model: number
  references: number
  metric: string
  speed: Speed
  at: string
}

export interface Training {
  run: TrainingRun | null
  /** The number of the version in use. */
  current: number | null
  decision: { at: string | null; started: boolean; reason: string } | null
  new_references: number
  retrain_every: number
  references: number
  runs: TrainingRun[]
  curve: LearningPoint[]
}

export interface GradeFigures {
  grade: number
  n: number
  sensitivity: Estimate | null
  specificity: Estimate | null
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
  per_grade?: GradeFigures[] | null
  confusion?: number[][] | null
}

export interface ModelVersion {
  id: number
  number: number
  state: 'current' | 'candidate' | 'retired' | 'refused'
  speed: Speed
  references: number
  created_at: string
  promoted_at: string | null
  promoted_by: string | null
  slots: Record<string, { kind: string; metric: string; metrics: Metrics | null }>
  gate: GateVerdict | null
  snapshot: { id: number; number: number; hash: string } | null
}

export const getTraining = (task: number): Promise<Training> => get(`/api/tasks/${task}/training/`)

export const listModels = (task: number): Promise<ModelVersion[]> =>
  get(`/api/tasks/${task}/models/`)

export const retrain = (task: number, speed: Speed): Promise<Job> =>
  post(`/api/tasks/${task}/retrain/`, { speed })

export const promote = (model: number): Promise<unknown> => post(`/api/models/${model}/promote/`)
