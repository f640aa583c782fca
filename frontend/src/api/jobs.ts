import type { Reason, SaidBy } from '../texts/server'
import { get, post } from './http'

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

export interface CurvePoint {
  epoch: number
  loss: number | null
  tune: number | null
}

/** Its code says the line in another language. */
export interface LogLine extends Reason {
  at: string
  line: string
}

/** What a running job tells about itself; every entry may be missing. */
interface JobDetail {
  epoch?: number
  epochs?: number
  step?: number
  steps?: number
  loss?: number
  eta_seconds?: number
  curve?: CurvePoint[]
  /** Of all stages together. */
  curve_epochs?: number
  /** How many points of the curve came before each stage. */
  stages?: number[]
  log?: LogLine[]
}

export interface Job {
  id: number
  kind: string
  queue: string
  topic: string
  state: JobState
  progress: number
  text: string
  text_said?: SaidBy
  detail: JobDetail
  attempts: number
  error: string
  error_said?: SaidBy
  cancel_requested: boolean
  created_at: string
  started_at: string | null
  finished_at: string | null
  result: unknown
}

export const listJobs = (topic = ''): Promise<Job[]> =>
  get(`/api/jobs/${topic ? `?topic=${encodeURIComponent(topic)}` : ''}`)

export const cancelJob = (id: number): Promise<Job> => post(`/api/jobs/${id}/cancel/`)

export const isLive = (job: Job): boolean => job.state === 'queued' || job.state === 'running'
