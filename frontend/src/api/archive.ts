import { get, request } from './http'
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

export interface StudyPage extends Page<StudyRow> {
  counts: { studies: number; instances: number }
}

export interface UploadItem {
  name: string
  outcome: 'taken' | 'already' | 'refused'
  reason: string
  sop_instance_uid: string
}

export interface Upload {
  id: number
  taken: number
  already: number
  refused: number
  items: UploadItem[]
}

export function listStudies(search: string, cursor: string | null): Promise<StudyPage> {
  const query = new URLSearchParams()
  if (search) query.set('search', search)
  if (cursor) query.set('cursor', cursor)
  return get(`/api/studies/?${query}`)
}

/** Files with their path inside the dropped folder: a CSV names them by it. */
export function uploadFiles(files: readonly { path: string; file: File }[]): Promise<Upload> {
  const body = new FormData()
  // Servers drop the folders of a file's own name, so the paths travel beside it.
  for (const { path, file } of files) {
    body.append('files', file, file.name)
    body.append('paths', path)
  }
  return request('POST', '/api/uploads/', { body })
}
