import { get, post } from './http'
import type { Job } from './jobs'

export interface Snapshot {
  id: number
  number: number
  hash: string
  created_at: string
  cases: number
  patients: number
  splits: { train: number; tune: number; test: number }
}

export interface ReferenceExport {
  id: number
  state: string
  rows: number | null
  /** Test reads that may test no model: their readers had seen what others say. */
  left_out: number
  sha256: string
  size_bytes: number | null
  created_at: string
  snapshot: { id: number; number: number }
  job: Job | null
}

export const listSnapshots = (task: number): Promise<Snapshot[]> =>
  get(`/api/tasks/${task}/snapshots/`)

export const listExports = (task: number): Promise<ReferenceExport[]> =>
  get(`/api/tasks/${task}/exports/`)

export const startExport = (task: number): Promise<{ id: number; job: Job }> =>
  post(`/api/tasks/${task}/exports/`)

export const exportAddress = (id: number): string => `/api/exports/${id}/download/`
