import type { Answers } from '../api/forms'
import { ApiError } from '../api/http'
import type { Progress } from '../api/reading'
import { untilAnswered } from '../api/retry'
import { theirsOf } from './drafts'
import type { Kept, Parcel } from './kept'
import { sameAnswers } from './open'

export const RESEND_MS = [1000, 2000, 5000] as const

/** What the server said to a finished read. */
export interface Receipt {
  progress: Progress | null
  savedAt: string | null
}

export interface OutboxPort {
  send: (parcel: Parcel) => Promise<Receipt>
  newKey: () => string
  /** Called whenever the number of parcels under way or the reason for their delay changes. */
  onChange: () => void
  onSent: (parcel: Parcel, receipt: Receipt) => void
  onRefused: (parcel: Parcel, error: ApiError) => void
  sleep?: (milliseconds: number) => Promise<void>
}

/**
 * Finished reads on their way. A parcel is kept on this machine until the server said yes or no, and it is sent on
 * after the reader has left the room: what was submitted is submitted.
 */
export class Outbox {
  private readonly under = new Map<number, Parcel>()
  private reason: string | null = null

  constructor(
    private readonly kept: Kept,
    private readonly port: OutboxPort,
  ) {}

  get annotations(): number[] {
    return [...this.under.keys()]
  }

  /** Why the latest attempt failed; null while nothing is overdue. */
  get delay(): string | null {
    return this.under.size > 0 ? this.reason : null
  }

  /** Resolves when the server has answered. `ready` settles before the first attempt. */
  async add(
    parcel: Parcel,
    drafts: readonly Answers[] = [],
    ready?: Promise<Parcel>,
  ): Promise<void> {
    this.under.set(parcel.annotation, parcel)
    this.kept.keepParcel(parcel)
    this.port.onChange()
    const final = ready ? await ready : parcel
    this.kept.keepParcel(final)
    await this.deliver(final, drafts)
  }

  private async deliver(parcel: Parcel, drafts: readonly Answers[]): Promise<void> {
    try {
      const receipt = await untilAnswered(() => this.port.send(parcel), {
        delays: RESEND_MS,
        sleep: this.port.sleep,
        onRetry: (error) => {
          this.reason = error.message
          this.port.onChange()
        },
      })
      this.done(parcel)
      this.port.onSent(parcel, receipt)
    } catch (error) {
      await this.refused(parcel, drafts, error)
    }
  }

  private async refused(parcel: Parcel, drafts: readonly Answers[], error: unknown): Promise<void> {
    if (!(error instanceof ApiError)) throw error
    const rebased = rebase(parcel, drafts, error, this.port.newKey)
    if (rebased) {
      this.kept.keepParcel(rebased)
      await this.deliver(rebased, drafts)
      return
    }
    this.done(parcel)
    // A skipped case that is not this reader's any more is skipped all the same.
    if (parcel.kind === 'skip' && error.status === 409)
      this.port.onSent(parcel, { progress: null, savedAt: null })
    else this.port.onRefused(parcel, error)
  }

  private done(parcel: Parcel): void {
    this.under.delete(parcel.annotation)
    this.kept.dropParcel(parcel.annotation)
    if (this.under.size === 0) this.reason = null
    this.port.onChange()
  }
}

/** Stale, but only because our own draft had arrived unheard: the same answers on its version. */
function rebase(
  parcel: Parcel,
  drafts: readonly Answers[],
  error: ApiError,
  newKey: () => string,
): Parcel | null {
  const theirs = theirsOf(error)
  if (!theirs || !('answers' in parcel.body)) return null
  const { answers } = parcel.body
  const ours = [answers, ...drafts].some((draft) => sameAnswers(draft, theirs.answers))
  if (!ours) return null
  return { ...parcel, key: newKey(), body: { ...parcel.body, version: theirs.version } }
}
