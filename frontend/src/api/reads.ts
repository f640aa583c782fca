import type { Answers, Form } from './forms'
import { get } from './http'

/** One of the reader's own reads. */
export interface ReadRow {
  annotation: number
  state: 'draft' | 'submitted'
  case: { id: number; name: string; patient: string; laterality: string; thumbnail: string }
  answers: Answers
  form_version: number
  saved_at: string | null
  submitted_at: string | null
  amended_at: string | null
  amend_reason: string
  active_seconds: number
  flagged: boolean
  flag_note: string
}

export interface ReadsPage {
  results: ReadRow[]
  next: string | null
  /** Drafts that the worklist does not hand out any more; with the first page of all reads alone. */
  open: ReadRow[]
  /** The forms that these reads answered, by version. */
  forms: Record<string, Form>
}

export interface ReadsWanted {
  search: string
  only: '' | 'flagged' | 'amended'
}

export function listReads(
  task: number,
  wanted: ReadsWanted,
  cursor: string | null,
): Promise<ReadsPage> {
  const query = new URLSearchParams({ ...wanted, cursor: cursor ?? '' })
  return get(`/api/tasks/${task}/reads/?${query}`)
}
