import type { Answers, AnswerValue, Form } from './forms'
import { get, post } from './http'

type Role = 'reader' | 'adjudicator' | 'admin'

export interface TaskRow {
  id: number
  name: string
  template: string
  form: { name: string; name_zh: string | null }
  role: Role
  cases: number
  read: number
  waiting: number
}

export interface Task {
  id: number
  name: string
  template: string
  role: Role
  retrain_every: number
  form: Form
  counts: { cases: number; read: number; waiting: number; mine_today: number; to_discuss: number }
}

export interface WorklistPrediction {
  slot?: string
  value: AnswerValue
  probability: number
  uncertainty: number | null
  model: number
  /** The model was replaced since. */
  stale: boolean
}

/** What is unclear about a case, as a sentence for people. */
export interface CaseFlag {
  code: string
  sentence: string
  /** Which source says which side, where they contradict each other. */
  said?: Record<string, string>
}

/** Who flagged a case and why: of others by a pseudonym and without the note, until they are revealed. */
export interface Discussion {
  by: string
  note: string | null
  mine: boolean
}

export interface WorklistRow {
  case: number
  name: string
  laterality: string
  flags: CaseFlag[]
  discussion: Discussion[]
  state: 'waiting' | 'leased' | 'read'
  /** All its images are held back: nobody is offered it. */
  withheld: boolean
  /** Why no model tries to read its images any more. */
  unreadable: string | null
  reader: string | null
  read_at: string | null
  answers: Answers | null
  split?: string | null
  prediction?: WorklistPrediction | null
  thumbnail: string
}

export interface Page<Row> {
  results: Row[]
  next: string | null
}

/** What a task can be made from, if no `problem` says why not. */
export interface Template {
  slug: string
  name: string
  name_zh: string | null
  problem: string
}

export const listTemplates = (): Promise<Template[]> => get('/api/templates/')
export const listTasks = (): Promise<TaskRow[]> => get('/api/tasks/')
export const getTask = (id: number): Promise<Task> => get(`/api/tasks/${id}/`)

export const createTask = (template: string, name: string): Promise<Task> =>
  post('/api/tasks/', { template, name })

export const buildCases = (id: number): Promise<{ created: number; already: number }> =>
  post(`/api/tasks/${id}/cases/`)

export interface WorklistWanted {
  state: string
  /** Also what the model and other readers say; that it was shown is recorded. */
  reveal: boolean
  /** Only cases that are flagged for discussion. */
  discuss: boolean
}

export function getWorklist(
  id: number,
  { state, reveal, discuss }: WorklistWanted,
  cursor: string | null,
): Promise<Page<WorklistRow>> {
  const query = new URLSearchParams({ limit: '50' })
  if (state) query.set('state', state)
  if (reveal) query.set('reveal', 'true')
  if (discuss) query.set('discuss', 'true')
  if (cursor) query.set('cursor', cursor)
  return get(`/api/tasks/${id}/worklist/?${query}`)
}
