import { get, post } from './http'
import type { JobState } from './jobs'
import type { Page } from './tasks'

export const OUTCOMES = ['taken', 'already', 'held', 'refused'] as const

export type Outcome = (typeof OUTCOMES)[number]

type UploadState = 'receiving' | 'waiting' | 'running' | 'done' | 'cancelled' | 'failed'

/** One delivery of files, whichever way it came. */
export interface Upload extends Record<Outcome, number> {
  id: number
  way: 'page' | 'command' | 'stow' | 'listener'
  state: UploadState
  by: string
  created_at: string
  finished_at: string | null
  files: number
  bytes: number
  received_bytes: number
  job: { id: number; state: JobState; progress: number; progress_text: string } | null
}

/** What became of one file. */
export interface UploadItem {
  name: string
  outcome: Outcome
  code: string
  reason: string
  tag: string
  offset: number | null
  sop_instance_uid: string
}

export const isWorking = (upload: Upload): boolean =>
  upload.state === 'waiting' || upload.state === 'running'

export const listUploads = (): Promise<Upload[]> => get('/api/uploads/')

export const getUpload = (id: number): Promise<Upload> => get(`/api/uploads/${id}/`)

export const openUpload = (): Promise<{ id: number }> => post('/api/uploads/')

/** All files are there: take them in. */
export const startIngest = (id: number): Promise<unknown> => post(`/api/uploads/${id}/start/`)

export const cancelUpload = (id: number): Promise<unknown> => post(`/api/uploads/${id}/cancel/`)

export const filesAddress = (id: number): string => `/api/uploads/${id}/files/`

export const reportAddress = (id: number): string => `/api/uploads/${id}/report.csv`

export function listItems(
  id: number,
  outcome: string,
  cursor: string | null,
): Promise<Page<UploadItem>> {
  const query = new URLSearchParams()
  if (outcome) query.set('outcome', outcome)
  if (cursor) query.set('cursor', cursor)
  return get(`/api/uploads/${id}/items/?${query}`)
}
