import type { Answers } from '../api/forms'
import { ApiError } from '../api/http'
import type { Annotation, NextCase } from '../api/reading'
import { wait } from '../api/retry'
import { asSubmitted } from '../kinds/slots'
import { DraftSaver } from './drafts'
import { Edits } from './edits'
import type { Kept, Parcel } from './kept'
import {
  conflicted,
  type OpenCase,
  openCase,
  type PixelState,
  resolved,
  stopped,
  stored,
} from './open'
import type { Receipt } from './outbox'
import { Outbox } from './outbox'
import type { ReadingPort } from './port'
import { counted, EMPTY, type ReadingState, type Refusal, withErrors } from './state'

const RETRY_MS = 3000

/** One tab's reading of one task: the case at hand, the one ahead, and what is on its way to the server. */
export class ReadingSession extends Edits {
  private state: ReadingState = EMPTY
  private readonly listeners = new Set<() => void>()
  private saver: DraftSaver | null = null
  private fetching: Promise<void> | null = null
  private resting: Promise<void> | null = null
  private drained = false
  private stopped = false
  private readonly sent = new Map<number, OpenCase>()
  private readonly outbox: Outbox

  constructor(
    private readonly task: number,
    private readonly port: ReadingPort,
    private readonly kept: Kept,
  ) {
    super()
    this.outbox = new Outbox(kept, {
      send: port.send,
      newKey: port.newKey,
      sleep: port.sleep,
      onChange: () =>
        this.set({ unsent: this.outbox.annotations.length, delay: this.outbox.delay }),
      onSent: (parcel, receipt) => this.delivered(parcel, receipt),
      onRefused: (parcel, error) => this.refused(parcel, error),
    })
  }

  readonly snapshot = (): ReadingState => this.state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private set(change: Partial<ReadingState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.listeners) listener()
  }

  private change(next: OpenCase): void {
    this.set({ current: next })
  }

  // --- coming and going --------------------------------------------------------------------

  /** Sends what an earlier tab could not, then asks for the first case. */
  async start(): Promise<void> {
    for (const parcel of this.kept.parcels(this.task)) void this.outbox.add(parcel)
    await this.fetch()
  }

  /** After a failure, or on the page after the last case. */
  async again(): Promise<void> {
    this.drained = false
    this.set({ phase: 'starting', failure: null })
    await this.fetch()
  }

  /** New cases were built: a drained worklist may have some again. */
  async casesChanged(): Promise<void> {
    const { phase, current } = this.state
    const lacking = this.drained && (phase === 'done' || current?.pixels === 'painted')
    this.drained = false
    if (lacking) await this.fetch()
  }

  /** Finished reads go on to the server; an unfinished one waits on this machine for the reader to come back. */
  stop(): void {
    this.stopped = true
    void this.saver?.close()
  }

  // --- the queue ---------------------------------------------------------------------------

  /** Every annotation this tab has open: the server must not hand these out to it again. */
  get holding(): number[] {
    const { current, ahead, aside, refusals } = this.state
    const open = [current, ahead, ...aside, ...refusals.map((refusal) => refusal.open)]
    const ids = open.flatMap((one) => (one ? [one.next.annotation.id] : []))
    return [...new Set([...ids, ...this.outbox.annotations])]
  }

  private fetch(): Promise<void> {
    if (this.state.ahead || this.drained || this.stopped) return this.settleEmpty()
    this.fetching ??= this.fetchNext().finally(() => {
      this.fetching = null
    })
    return this.fetching
  }

  private async fetchNext(): Promise<void> {
    try {
      const next = await this.port.next(this.task, this.holding)
      if (this.stopped) return
      if (next) this.arrived(next)
      else {
        this.drained = true
        await this.settleEmpty()
      }
    } catch (error) {
      if (this.state.current !== null) return
      this.set({ phase: 'failed', failure: (error as Error).message })
      if (error instanceof ApiError && error.isTransient) void this.againLater()
    }
  }

  /** A server that restarts comes back unaided; nobody should have to press a button for it. */
  private async againLater(): Promise<void> {
    this.resting ??= (this.port.sleep ?? wait)(RETRY_MS)
    await this.resting
    this.resting = null
    if (this.state.phase === 'failed' && !this.stopped) await this.fetch()
  }

  private arrived(next: NextCase): void {
    const open = openCase(next, this.kept.draft(next.annotation.id))
    if (this.state.progress === null) this.set({ progress: next.progress })
    if (this.state.current) {
      this.set({ ahead: open })
      this.port.prefetch(next)
    } else {
      this.begin(open)
    }
  }

  private begin(open: OpenCase): void {
    this.saver = this.saverFor(open)
    this.set({ current: open, phase: 'reading' })
    this.port.begun(open)
    if (open.save === 'unsaved' && !open.conflict) this.saver.changed()
  }

  private advance(): void {
    const [waiting, ...aside] = this.state.aside
    const next = waiting ?? this.state.ahead
    if (next) {
      this.set(waiting ? { aside } : { ahead: null })
      this.begin({ ...next, pixels: 'loading', pixelsSentence: null })
    } else {
      this.set({ current: null, phase: 'waiting' })
      void this.fetch()
    }
  }

  /** Nothing left, nothing on its way, nothing refused: the calm page. */
  private async settleEmpty(): Promise<void> {
    const { current, ahead, refusals } = this.state
    if (current || ahead || !this.drained) return
    if (this.outbox.annotations.length === 0 && refusals.length === 0) this.set({ phase: 'done' })
  }

  /**
   * The model looked again: the case ahead gets the new proposal. The case at hand never does, but for one that came to
   * hand while we asked: the server has written down that its reader sees the new one.
   */
  async refreshAhead(): Promise<void> {
    const { ahead } = this.state
    if (!ahead || this.fetching) return
    const id = ahead.next.annotation.id
    const next = await this.port
      .next(
        this.task,
        this.holding.filter((held) => held !== id),
      )
      .catch(() => null)
    if (!next || this.stopped) return
    const { current } = this.state
    if (this.state.ahead === ahead) {
      this.set({ ahead: openCase(next, this.kept.draft(next.annotation.id)) })
      this.port.prefetch(next)
    } else if (current?.next.annotation.id === next.annotation.id && current.past.length === 0)
      this.change({ ...current, next: { ...current.next, prediction: next.prediction } })
  }

  /** The lease of a held case ran out and somebody else may have it. */
  leaseLost(annotation: number, sentence: string): void {
    const { current, ahead } = this.state
    if (ahead?.next.annotation.id === annotation) {
      this.set({ ahead: null })
      void this.fetch()
    }
    if (current?.next.annotation.id === annotation) this.change({ ...current, notice: sentence })
  }

  // --- what the reader does ------------------------------------------------------------------

  protected edit(change: (open: OpenCase) => OpenCase): void {
    const { current } = this.state
    if (!current) return
    const next = change(current)
    if (next === current) return
    this.change(next)
    if (next.answers === current.answers) return
    this.kept.keepDraft(next.next.annotation.id, { answers: next.answers, version: next.version })
    if (!next.conflict) this.saver?.changed()
  }

  resolve(choice: 'mine' | 'theirs'): void {
    const { current } = this.state
    if (!current?.conflict) return
    this.saver = this.saverFor(current)
    this.change(resolved(current, choice))
    if (choice === 'mine') this.saver.changed()
    else this.kept.dropDraft(current.next.annotation.id)
  }

  pixels(annotation: number, pixels: PixelState, sentence: string | null = null): void {
    const { current } = this.state
    if (current?.next.annotation.id !== annotation) return
    this.change({ ...current, pixels, pixelsSentence: sentence, notice: null })
    // Not before: fetching the case ahead must not slow down the painting of this one.
    if (pixels !== 'loading') void this.fetch()
  }

  /** Sends the case at hand and shows the next one at once. False when something is still missing. */
  submit(): boolean {
    const { current, progress } = this.state
    if (!current) return false
    const obstacle = stopped(current)
    if (obstacle) {
      this.change(obstacle)
      return false
    }
    this.set({ progress: counted(progress, 1) })
    this.dispatch(current, 'submit', {
      version: current.version,
      answers: asSubmitted(current.next.form, current.answers),
      active_seconds: this.port.activeSeconds(),
    })
    return true
  }

  skip(reason: string): void {
    const { current } = this.state
    if (current) this.dispatch(current, 'skip', { reason })
  }

  private dispatch(open: OpenCase, kind: Parcel['kind'], body: Parcel['body']): void {
    const saver = this.saver
    const annotation = open.next.annotation.id
    const { name } = open.next.case
    const parcel: Parcel = {
      task: this.task,
      annotation,
      kind,
      key: this.port.newKey(),
      name,
      body,
    }
    this.sent.set(annotation, open)
    const drafts: Answers[] = []
    void this.outbox.add(parcel, drafts, this.finalParcel(parcel, saver, drafts))
    this.advance()
  }

  /** A draft under way raises the version, and the read must name the version that it replaces. */
  private async finalParcel(
    parcel: Parcel,
    saver: DraftSaver | null,
    drafts: Answers[],
  ): Promise<Parcel> {
    await saver?.close()
    if (saver?.lastAnswers) drafts.push(saver.lastAnswers)
    const version = this.sent.get(parcel.annotation)?.version
    if (version === undefined || !('version' in parcel.body)) return parcel
    return { ...parcel, body: { ...parcel.body, version } }
  }

  /** Back to a read that the server did not take; the case at hand waits behind it. */
  returnTo(refusal: Refusal): void {
    if (!refusal.open) return
    const { current, aside } = this.state
    void this.saver?.close()
    this.set({
      refusals: this.state.refusals.filter((one) => one !== refusal),
      aside: current ? [current, ...aside] : aside,
    })
    this.begin({ ...refusal.open, pixels: 'loading', notice: refusal.sentence })
  }

  dismiss(refusal: Refusal): void {
    this.set({ refusals: this.state.refusals.filter((one) => one !== refusal) })
    void this.fetch()
  }

  // --- what the server says ------------------------------------------------------------------

  private saverFor(open: OpenCase): DraftSaver {
    const id = open.next.annotation.id
    const update = (change: (held: OpenCase) => OpenCase): void => this.update(id, change)
    return new DraftSaver(id, {
      save: this.port.save,
      newKey: this.port.newKey,
      body: () => {
        const held = this.held(id) ?? open
        return {
          version: held.version,
          answers: held.answers,
          active_seconds: this.port.activeSeconds(),
        }
      },
      onSaving: () => update((held) => ({ ...held, save: 'saving' })),
      onSaved: (annotation, sent) => this.saved(annotation, sent),
      onFailed: (error) => update((held) => ({ ...held, save: 'failed', notice: error.message })),
      onConflict: (theirs) => update((held) => conflicted(held, theirs)),
      onRefused: (error) => update((held) => withErrors({ ...held, save: 'unsaved' }, error)),
    })
  }

  private held(annotation: number): OpenCase | undefined {
    const { current, aside } = this.state
    const open = [current, ...aside, this.sent.get(annotation)]
    return open.find((one) => one?.next.annotation.id === annotation) ?? undefined
  }

  private update(annotation: number, change: (held: OpenCase) => OpenCase): void {
    const { current, aside } = this.state
    if (current?.next.annotation.id === annotation) this.change(change(current))
    const sent = this.sent.get(annotation)
    if (sent) this.sent.set(annotation, change(sent))
    if (aside.some((one) => one.next.annotation.id === annotation))
      this.set({
        aside: aside.map((one) => (one.next.annotation.id === annotation ? change(one) : one)),
      })
  }

  private saved(annotation: Annotation, sent: Answers): void {
    this.set({ savedAt: annotation.saved_at })
    this.update(annotation.id, (held) => stored(held, annotation, sent))
    const held = this.held(annotation.id)
    if (held?.save === 'saved') this.kept.dropDraft(annotation.id)
    else if (held)
      this.kept.keepDraft(annotation.id, { answers: held.answers, version: held.version })
  }

  private delivered(parcel: Parcel, { progress, savedAt }: Receipt): void {
    if (savedAt) this.set({ savedAt })
    this.sent.delete(parcel.annotation)
    this.kept.dropDraft(parcel.annotation)
    this.port.sent(parcel)
    const waiting = this.outbox.annotations.length
    // While others are under way, the server's count is behind what the reader has done.
    if (progress && waiting === 0) this.set({ progress })
    if (this.state.current === null && !this.fetching) void this.fetch()
  }

  private refused(parcel: Parcel, error: ApiError): void {
    const open = this.sent.get(parcel.annotation) ?? null
    this.sent.delete(parcel.annotation)
    const { progress, refusals } = this.state
    if (parcel.kind === 'submit') this.set({ progress: counted(progress, -1) })
    const returnable = open && error.code !== 'submitted' ? withErrors(open, error) : null
    this.set({
      refusals: [...refusals, { open: returnable, name: parcel.name, sentence: error.message }],
    })
    if (!returnable) this.kept.dropDraft(parcel.annotation)
  }
}
