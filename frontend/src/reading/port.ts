import type { Annotation, AnswerBody, NextCase } from '../api/reading'
import { nextCase, saveDraft, skipAnnotation, submitAnnotation } from '../api/reading'
import type { Parcel } from './kept'
import type { OpenCase } from './open'
import type { Receipt } from './outbox'

/** What a reading session needs of the world; tests give it another one. */
export interface ReadingPort {
  next: (task: number, holding: number[]) => Promise<NextCase | null>
  save: (annotation: number, body: AnswerBody, key: string) => Promise<Annotation>
  send: (parcel: Parcel) => Promise<Receipt>
  newKey: () => string
  prefetch: (next: NextCase) => void
  /** A case came to hand. */
  begun: (open: OpenCase) => void
  sent: (parcel: Parcel) => void
  activeSeconds: () => number
  sleep?: (milliseconds: number) => Promise<void>
}

/** crypto.randomUUID is missing on plain http addresses other than localhost. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export async function sendParcel(parcel: Parcel): Promise<Receipt> {
  if ('reason' in parcel.body) {
    await skipAnnotation(parcel.annotation, parcel.body.reason, parcel.key)
    return { progress: null, savedAt: null }
  }
  const answer = await submitAnnotation(parcel.annotation, parcel.body, parcel.key)
  return { progress: answer.progress, savedAt: answer.annotation.saved_at }
}

export const serverCalls = { next: nextCase, save: saveDraft, send: sendParcel, newKey }
