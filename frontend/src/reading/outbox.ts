import { ApiError } from '../api/http'
import type { Progress } from '../api/reading'
import { untilAnswered } from '../api/retry'
import { theirsOf } from './drafts'
import type { Kept, Parcel } from './kept'
import { sameText } from './text'

const RESEND_MS = [1000, 2000, 5000] as const

/** What the server said to a finished read. */
export interface Receipt {
  progress: Progress | null
  savedAt: string | null
}

interface OutboxPort {
  send: (parcel: Parcel) => Promise<Receipt>
  newKey: () => string
  /** Called whenever the number of parcels under way or the reason for their delay changes. */
  onChange: () => void
  onSent: (parcel: Parcel, receipt: Receipt) => Promise<void> | void
  onRefused: (parcel: Parcel, error: ApiError) => Promise<void> | void
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
  async add(parcel: Parcel, ready?: Promise<Parcel>): Promise<void> {
    this.under.set(parcel.annotation, parcel)
    void this.kept.keepParcel(parcel)
    this.port.onChange()
    const final = ready ? await ready : parcel
    void this.kept.keepParcel(final)
    await this.deliver(final)
  }

  private async deliver(parcel: Parcel): Promise<void> {
    try {
      const receipt = await untilAnswered(() => this.port.send(parcel), {
        delays: RESEND_MS,
        sleep: this.port.sleep,
        onRetry: (error) => {
          this.reason = error.message
          this.port.onChange()
        },
      })
      await this.done(parcel, () => this.port.onSent(parcel, receipt))
    } catch (error) {
      await this.refused(parcel, error)
    }
  }

  private async refused(parcel: Parcel, error: unknown): Promise<void> {
    if (!(error instanceof ApiError)) throw error
    const rebased = rebase(parcel, error, this.port.newKey)
    if (rebased) {
      void this.kept.keepParcel(rebased)
      void this.kept.dropParcel(parcel.key)
      await this.deliver(rebased)
      return
    }
    // A skipped case that is not this reader's any more is skipped all the same.
    const settled = (parcel.kind === 'skip' && error.status === 409) || isThere(parcel, error)
    await this.done(parcel, () =>
      settled
        ? this.port.onSent(parcel, { progress: null, savedAt: null })
        : this.port.onRefused(parcel, error),
    )
  }

  /** What the page does about it comes before the parcel is dropped: whatever it keeps stands by then. */
  private async done(parcel: Parcel, told: () => Promise<void> | void): Promise<void> {
    this.under.delete(parcel.annotation)
    if (this.under.size === 0) this.reason = null
    await told()
    void this.kept.dropParcel(parcel.key)
    this.port.onChange()
  }
}

/** Whether the server has this very text as submitted already, from another tab. */
function isThere(parcel: Parcel, error: ApiError): boolean {
  const theirs = theirsOf(error)
  if (!theirs || !('answers' in parcel.body)) return false
  return theirs.state === 'submitted' && sameText(theirs, parcel.body)
}

/** Stale, but only because our own draft had arrived unheard: the same answers on its version. */
function rebase(parcel: Parcel, error: ApiError, newKey: () => string): Parcel | null {
  const theirs = error.code === 'stale' ? theirsOf(error) : null
  if (!theirs || parcel.kind !== 'submit' || !('answers' in parcel.body)) return null
  const ours = [parcel.body, ...parcel.sent].some((text) => sameText(text, theirs))
  if (!ours) return null
  return { ...parcel, key: newKey(), body: { ...parcel.body, version: theirs.version } }
}
