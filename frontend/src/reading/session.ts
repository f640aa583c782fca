import { ApiError } from '../api/http'
import type { Annotation, AnswerBody, NextCase } from '../api/reading'
import { wait } from '../api/retry'
import { asSubmitted } from '../kinds/slots'
import { texts } from '../texts'
import { Edits } from './edits'
import { withGap } from './gaps'
import type { Kept } from './kept'
import { type OpenCase, openCase, type PixelState, resolved, stopped } from './open'
import type { ReadingPort } from './port'
import { type Side, sideDoubt } from './side'
import { counted } from './state'
import { sameText } from './text'

const RETRY_MS = 3000

/** One tab's reading of one task: the case at hand, the one ahead, and what is on its way to the server. */
export class ReadingSession extends Edits {
  private fetching: Promise<void> | null = null
  private resting: Promise<void> | null = null
  private drained = false
  private stopped = false
  private recovered = false

  /** `only`: one annotation of the reader's own that is opened again, instead of the worklist. */
  constructor(
    task: number,
    port: ReadingPort,
    kept: Kept,
    private readonly only: number | null = null,
  ) {
    super(task, port, kept)
  }

  // --- coming and going --------------------------------------------------------------------

  /** Sends what an earlier tab could not, then asks for the first case. */
  async start(): Promise<void> {
    for (const parcel of await this.kept.parcels(this.task)) void this.outbox.add(parcel)
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

  protected fetch(): Promise<void> {
    if (this.state.ahead || this.drained || this.stopped) return this.settleEmpty()
    this.fetching ??= this.fetchNext().finally(() => {
      this.fetching = null
    })
    return this.fetching
  }

  private async fetchNext(): Promise<void> {
    try {
      if (!this.recovered) await this.recover()
      if (this.stopped || (this.state.current && !this.isPainted)) return
      const next = this.only === null ? await this.port.next(this.task, this.holding) : null
      if (this.stopped) return
      if (next) await this.arrived(next)
      else {
        this.drained = true
        await this.settleEmpty()
      }
    } catch (error) {
      if (this.state.current !== null) return
      this.set({ phase: 'failed', failure: (error as Error).message })
      if (error instanceof ApiError && (error.isTransient || error.status === 401))
        void this.againLater()
    }
  }

  /** A server that restarts comes back unaided; nobody should have to press a button for it. */
  private async againLater(): Promise<void> {
    this.resting ??= (this.port.sleep ?? wait)(RETRY_MS)
    await this.resting
    this.resting = null
    if (this.state.phase === 'failed' && !this.stopped) await this.fetch()
  }

  private get isPainted(): boolean {
    return this.state.current?.pixels !== 'loading'
  }

  /**
   * What this machine kept comes first, also where the worklist would not hand it out again: its lease may be lost, or
   * the case submitted elsewhere.
   */
  private async recover(): Promise<void> {
    const { only } = this
    const kept = only === null ? await this.kept.draftsOf(this.task) : [only]
    for (const annotation of kept) {
      if (this.holding.includes(annotation)) continue
      try {
        await this.reopen(await this.port.read(annotation))
      } catch (error) {
        const may = error instanceof ApiError && (error.isTransient || error.status === 401)
        // not his any more: it stays kept, and nothing can be done with it here
        if (may || only !== null) throw error
      }
    }
    this.recovered = true
  }

  private async reopen(next: NextCase): Promise<void> {
    const { id, state } = next.annotation
    const draft = await this.kept.adoptDraft(id)
    if (state !== 'draft' && this.only === null) {
      if (!draft || sameText(draft, next.annotation)) void this.kept.dropDraft(id)
      else this.refuse(this.elsewhere(id, next.case.name))
      return
    }
    const open = { ...openCase(next, draft), leaseLost: await this.isLost(next) }
    if (this.state.current) this.set({ aside: [...this.state.aside, open] })
    else this.begin(open)
  }

  /** Takes the case again where nobody else has it. */
  private async isLost({ annotation }: NextCase): Promise<boolean> {
    if (annotation.state !== 'draft') return false
    try {
      await this.port.heartbeat(annotation.id)
      return false
    } catch (error) {
      return error instanceof ApiError && error.code === 'lease_lost'
    }
  }

  private async arrived(next: NextCase): Promise<void> {
    const open = openCase(next, await this.kept.adoptDraft(next.annotation.id))
    if (this.stopped) return
    if (this.state.progress === null) this.set({ progress: next.progress })
    if (this.state.current) {
      this.set({ ahead: open })
      this.port.prefetch(next)
    } else {
      this.begin(open)
    }
  }

  protected begin(open: OpenCase): void {
    // an amendment goes out with its reason, all at once
    this.saver = open.next.annotation.state === 'draft' ? this.saverFor(open) : null
    this.set({
      current: open,
      phase: 'reading',
      progress: this.state.progress ?? open.next.progress,
    })
    this.port.begun(open)
    const lacking = open.save === 'unsaved' || open.save === 'failed'
    if (lacking && !open.conflict) this.saver?.changed()
  }

  protected advance(): void {
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

  protected settled(): void {
    const [refusal] = this.state.refusals
    // there is no other case to go on with
    if (this.only !== null && refusal?.open) this.returnTo(refusal)
    else if (this.state.current === null && !this.fetching) void this.fetch()
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
    const draft = await this.kept.adoptDraft(next.annotation.id)
    const { current } = this.state
    if (this.state.ahead === ahead) {
      this.set({ ahead: openCase(next, draft) })
      this.port.prefetch(next)
    } else if (current?.next.annotation.id === next.annotation.id && current.past.length === 0)
      this.change({ ...current, next: { ...current.next, prediction: next.prediction } })
  }

  /** The lease of a held case ran out and somebody else has it, or it is the reader's again. */
  leased(annotation: number, lost: boolean): void {
    const { current, ahead } = this.state
    if (lost && ahead?.next.annotation.id === annotation && ahead.save === 'saved') {
      this.set({ ahead: null })
      if (this.isPainted) void this.fetch()
    }
    if (lost && current?.next.annotation.id === annotation && current.save !== 'saved')
      this.keep(current, 'leaseLost')
    this.update(annotation, (held) =>
      held.leaseLost === lost ? held : { ...held, leaseLost: lost },
    )
  }

  signedOut(signedOut: boolean): void {
    if (this.state.signedOut !== signedOut) this.set({ signedOut })
  }

  // --- what the reader does ------------------------------------------------------------------

  protected edit(change: (open: OpenCase) => OpenCase): void {
    const { current } = this.state
    if (!current) return
    const next = change(current)
    if (next === current) return
    this.change(next)
    if (next.answers === current.answers && next.side === current.side) return
    this.keep(next)
    if (!next.conflict) this.saver?.changed()
  }

  /** Which side it is, where that is in doubt. */
  settle(side: Side): void {
    this.edit((open) => (sideDoubt(open) ? { ...open, side, save: 'unsaved', notice: null } : open))
  }

  /** The server's word on a flag for discussion. */
  flagged({ id, flagged, flag_note }: Annotation): void {
    this.update(id, (held) => ({
      ...held,
      next: { ...held.next, annotation: { ...held.next.annotation, flagged, flag_note } },
    }))
  }

  resolve(choice: 'mine' | 'theirs'): void {
    const { current } = this.state
    if (!current?.conflict) return
    const settled = resolved(current, choice)
    this.saver = current.next.annotation.state === 'draft' ? this.saverFor(settled) : null
    this.change(settled)
    if (choice === 'mine') this.keep(settled)
    else void this.kept.dropDraft(current.next.annotation.id)
    if (choice === 'mine') this.saver?.changed()
  }

  pixels(annotation: number, pixels: PixelState, sentence: string | null = null): void {
    const { current } = this.state
    if (current?.next.annotation.id !== annotation) return
    const ofPixels: (string | null)[] = [
      texts.reading.waitForPixels,
      texts.reading.noPixelsNoSubmit,
    ]
    const notice = ofPixels.includes(current.notice) ? null : current.notice
    this.change({ ...current, pixels, pixelsSentence: sentence, notice })
    // Not before: fetching the case ahead must not slow down the painting of this one.
    if (pixels !== 'loading') void this.fetch()
  }

  /** An image of the case cannot be shown. */
  gap(annotation: number, name: string, sentence: string): void {
    const { current } = this.state
    if (current?.next.annotation.id === annotation) this.change(withGap(current, name, sentence))
  }

  acceptGaps(): void {
    const { current } = this.state
    if (current) this.change({ ...current, gapsAccepted: true, notice: null })
  }

  /**
   * Sends the case at hand and shows the next one at once; of a read that was submitted before, asks for the reason.
   * False when something is still missing.
   */
  submit(): boolean {
    const { current, progress } = this.state
    if (!current) return false
    const amends = current.next.annotation.state === 'submitted'
    const obstacle = stopped(current) ?? (amends ? unchanged(current) : null)
    if (obstacle) {
      this.change(obstacle)
      return false
    }
    if (amends) {
      this.set({ asking: true })
      return false
    }
    this.set({ progress: counted(progress, 1) })
    this.dispatch(current, 'submit', this.readOf(current))
    return true
  }

  /** Why a submitted read changes; null when the reader thinks better of it. */
  amend(reason: string | null): void {
    const { current } = this.state
    this.set({ asking: false })
    if (current && reason) this.dispatch(current, 'amend', { ...this.readOf(current), reason })
  }

  /** What is sent of a finished read: closed questions were not asked. */
  private readOf(open: OpenCase): AnswerBody {
    return { ...this.bodyOf(open), answers: asSubmitted(open.next.form, open.answers) }
  }

  skip(reason: string): void {
    const { current } = this.state
    if (current?.next.annotation.state === 'draft') this.dispatch(current, 'skip', { reason })
  }
}

/** The case with the sentence that nothing was amended yet; null where something was. */
const unchanged = (open: OpenCase): OpenCase | null =>
  sameText(open, open.next.annotation) ? { ...open, notice: texts.losses.nothingChanged } : null
