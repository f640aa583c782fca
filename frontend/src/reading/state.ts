import type { ApiError } from '../api/http'
import type { Annotation, Progress } from '../api/reading'
import { slotsSaid } from '../texts/server'
import type { OpenCase } from './open'

export interface Refusal {
  annotation: number
  /** The case to go back to; null where it is a draft no more. */
  open: OpenCase | null
  name: string
  sentence: string
  /** It was submitted elsewhere with other answers: both can be looked at, and this one amended. */
  elsewhere: boolean
}

export interface ReadingState {
  /** missing: the read that was asked for is none of the reader's. */
  phase: 'starting' | 'reading' | 'waiting' | 'done' | 'failed' | 'missing'
  failure: string | null
  current: OpenCase | null
  ahead: OpenCase | null
  /** Cases that were put aside to return to a refused one; they come after it. */
  aside: OpenCase[]
  progress: Progress | null
  /** When the server last said that something was saved. */
  savedAt: string | null
  /** Reads on their way, and why they are late. */
  unsent: number
  delay: string | null
  refusals: Refusal[]
  /** The session of the reader has ended; what he reads is kept until he signs in again. */
  signedOut: boolean
  /** The reader is asked why he amends. */
  asking: boolean
}

export const EMPTY: ReadingState = {
  phase: 'starting',
  failure: null,
  current: null,
  ahead: null,
  aside: [],
  progress: null,
  savedAt: null,
  unsent: 0,
  delay: null,
  refusals: [],
  signedOut: false,
  asking: false,
}

/** One read more (or, after a refusal, one less) than the server has counted yet. */
export const counted = (progress: Progress | null, by: number): Progress | null =>
  progress && { ...progress, read: progress.read + by, mine_today: progress.mine_today + by }

/** What the server found wrong, put where the reader looks. */
export function withErrors(open: OpenCase, error: ApiError): OpenCase {
  const theirs = error.code === 'stale' ? (error.body.theirs as Annotation | undefined) : undefined
  return {
    ...open,
    notice: error.message,
    slotErrors: slotsSaid(error.body),
    conflict: theirs ?? open.conflict,
  }
}
