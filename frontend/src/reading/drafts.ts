import { ApiError } from '../api/http'
import type { Annotation, AnswerBody } from '../api/reading'
import { sameText, type Text, textOf } from './text'

/** Saved at the latest this long after a change, so that a second is never exceeded. */
const SAVE_AFTER_MS = 500
const RETRY_MS = [1000, 2000, 5000] as const

interface DraftPort {
  save: (annotation: number, body: AnswerBody, key: string) => Promise<Annotation>
  newKey: () => string
  /** What stands on the page now. */
  body: () => AnswerBody
  onSaving: () => void
  onSaved: (annotation: Annotation, sent: Text) => void
  onFailed: (error: ApiError) => void
  onConflict: (theirs: Annotation) => void
  onRefused: (error: ApiError) => void
}

/** What stands on the server in the place of ours: a 409 carries it. */
export function theirsOf(error: unknown): Annotation | null {
  if (!(error instanceof ApiError) || error.status !== 409) return null
  return (error.body.theirs as Annotation | undefined) ?? null
}

/** Saves one case's draft: one request at a time, the same key while the same body is repeated. */
export class DraftSaver {
  private timer: ReturnType<typeof setTimeout> | null = null
  private flight: Promise<void> | null = null
  private pending: { body: AnswerBody; key: string } | null = null
  private readonly unheard: Text[] = []
  private failures = 0
  private closed = false

  constructor(
    private readonly annotation: number,
    private readonly port: DraftPort,
  ) {}

  changed(): void {
    if (this.closed || this.timer || this.flight) return
    this.schedule(SAVE_AFTER_MS)
  }

  /** No more drafts; resolves when the one under way has been answered, so that its version is known. */
  async close(): Promise<void> {
    this.closed = true
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    await this.flight
  }

  /** What may stand on the server although its answer never came back. */
  get sent(): Text[] {
    return [...this.unheard]
  }

  private schedule(milliseconds: number): void {
    this.timer = setTimeout(() => {
      this.timer = null
      this.flight = this.send().finally(() => {
        this.flight = null
      })
    }, milliseconds)
  }

  private take(): { body: AnswerBody; key: string } {
    const body = this.port.body()
    const again = this.pending
    if (again && again.body.version === body.version && sameText(again.body, body)) return again
    return { body, key: this.port.newKey() }
  }

  private async send(): Promise<void> {
    const { body, key } = this.take()
    const text = textOf(body)
    this.pending = { body, key }
    if (!this.unheard.some((one) => sameText(one, text))) this.unheard.push(text)
    this.port.onSaving()
    try {
      this.succeeded(await this.port.save(this.annotation, body, key), text)
    } catch (error) {
      this.failed(error, text)
    }
  }

  private succeeded(annotation: Annotation, sent: Text): void {
    this.pending = null
    this.unheard.length = 0
    this.failures = 0
    this.port.onSaved(annotation, sent)
    this.goOn(sent)
  }

  /** With what changed while `sent` was under way. */
  private goOn(sent: Text): void {
    if (!this.closed && !sameText(this.port.body(), sent)) this.schedule(SAVE_AFTER_MS)
  }

  private failed(error: unknown, sent: Text): void {
    const theirs = error instanceof ApiError && error.code === 'stale' ? theirsOf(error) : null
    if (theirs) {
      this.stale(theirs)
    } else if (error instanceof ApiError && (error.isTransient || error.status === 401)) {
      this.port.onFailed(error)
      const delay = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 5000
      this.failures += 1
      if (!this.closed) this.schedule(delay)
    } else if (error instanceof ApiError) {
      this.pending = null
      this.port.onRefused(error)
      this.goOn(sent)
    } else {
      throw error
    }
  }

  /** "Somebody else's" text may be our own, saved by a request whose answer never came back. */
  private stale(theirs: Annotation): void {
    this.pending = null
    if (this.unheard.some((text) => sameText(text, theirs))) this.succeeded(theirs, textOf(theirs))
    else this.port.onConflict(theirs)
  }
}
