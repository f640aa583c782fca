import { ApiError } from '../api/http'
import { getMe } from '../api/me'
import type { Annotation, AnswerBody, NextCase } from '../api/reading'
import {
  amendAnnotation,
  heartbeat,
  nextCase,
  readAgain,
  saveDraft,
  skipAnnotation,
  submitAnnotation,
} from '../api/reading'
import { texts } from '../texts'
import type { Parcel } from './kept'
import type { OpenCase } from './open'
import type { Receipt } from './outbox'
import type { Locks } from './seats'

/** What a reading session asks of the server. */
interface ServerCalls {
  next: (task: number, holding: number[]) => Promise<NextCase | null>
  /** The reader's own annotation again. */
  read: (annotation: number) => Promise<NextCase>
  save: (annotation: number, body: AnswerBody, key: string) => Promise<Annotation>
  send: (parcel: Parcel) => Promise<Receipt>
  heartbeat: (annotation: number) => Promise<unknown>
}

/** What a reading session needs of the world; tests give it another one. */
export interface ReadingPort extends ServerCalls {
  newKey: () => string
  prefetch: (next: NextCase) => void
  /** A case came to hand. */
  begun: (open: OpenCase) => void
  activeSeconds: () => number
  locks: Locks
  sleep?: (milliseconds: number) => Promise<void>
}

/** crypto.randomUUID is missing on plain http addresses other than localhost. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function sendParcel({ kind, annotation, body, key }: Parcel): Promise<Receipt> {
  if (!('answers' in body)) {
    await skipAnnotation(annotation, body.reason, key)
    return { progress: null, savedAt: null }
  }
  const answer =
    kind === 'amend' && 'reason' in body
      ? await amendAnnotation(annotation, body, key)
      : await submitAnnotation(annotation, body, key)
  return { progress: answer.progress, savedAt: answer.annotation.saved_at }
}

/**
 * The calls of one reader. An ended session is told and answered with 401, which is repeated until he signs in again;
 * so is the session of somebody else who signed in to this browser meanwhile: to him, nothing of this exists.
 */
export class ServerOf implements ServerCalls {
  private doubted = false

  constructor(
    private readonly user: number,
    private readonly onSession: (signedOut: boolean) => void,
  ) {}

  readonly next = this.guarded(nextCase)
  readonly read = this.guarded(readAgain)
  readonly save = this.guarded(saveDraft)
  readonly send = this.guarded(sendParcel)
  readonly heartbeat = this.guarded(heartbeat)

  /** Somebody may have signed in in another tab. */
  doubt(): void {
    this.doubted = true
  }

  private guarded<Given extends unknown[], Told>(
    call: (...given: Given) => Promise<Told>,
  ): (...given: Given) => Promise<Told> {
    return async (...given) => {
      try {
        if (this.doubted) await this.identify()
        const told = await call(...given)
        this.onSession(false)
        return told
      } catch (error) {
        throw await this.seen(error)
      }
    }
  }

  private async seen(error: unknown): Promise<unknown> {
    if (!(error instanceof ApiError)) return error
    if (error.status === 404 || error.status === 403) {
      const stranger = await this.identify().then(
        () => null,
        (reason: unknown) => reason,
      )
      if (stranger) return this.seen(stranger)
    }
    if (error.status === 401) {
      this.doubted = true
      this.onSession(true)
    }
    return error
  }

  private async identify(): Promise<void> {
    const { id } = await getMe()
    if (id !== this.user) throw new ApiError(401, texts.losses.otherPerson)
    this.doubted = false
  }
}
