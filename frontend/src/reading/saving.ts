import type { ApiError } from '../api/http'
import type { Annotation, AnswerBody } from '../api/reading'
import { texts } from '../texts'
import { DraftSaver, theirsOf } from './drafts'
import type { Kept, Parcel, Why } from './kept'
import { conflicted, type OpenCase, openCase, stored } from './open'
import type { Receipt } from './outbox'
import { Outbox } from './outbox'
import type { ReadingPort } from './port'
import { counted, type Refusal, withErrors } from './state'
import { Store } from './store'
import { type Text, textOf } from './text'

/** What becomes of an answer: kept on this machine, saved as a draft, sent as a read, refused, brought back. */
export abstract class Saving extends Store {
  protected saver: DraftSaver | null = null
  protected readonly sent = new Map<number, OpenCase>()
  protected readonly outbox: Outbox

  constructor(
    readonly task: number,
    protected readonly port: ReadingPort,
    protected readonly kept: Kept,
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

  protected abstract begin(open: OpenCase): void
  /** The case at hand is done with: the next one comes. */
  protected abstract advance(): void
  /** Something ended: there may be room for another case, or nothing left. */
  protected abstract settled(annotation: number): void

  // --- this machine --------------------------------------------------------------------------

  /** Keeps what stands on the page, with the reason why it is not on the server. */
  protected keep(open: OpenCase, why: Why = 'closed'): void {
    const sent = this.saver && this.isAtHand(open) ? this.saver.sent : []
    void this.kept.keepDraft({
      ...textOf(open),
      task: this.task,
      annotation: open.next.annotation.id,
      version: open.version,
      sent,
      older: open.older,
      why,
      at: Date.now(),
    })
  }

  private isAtHand(open: OpenCase): boolean {
    return this.state.current?.next.annotation.id === open.next.annotation.id
  }

  /** With the time that the reader has spent on it so far. */
  protected timed(open: OpenCase): OpenCase {
    const annotation = { ...open.next.annotation, active_seconds: this.port.activeSeconds() }
    return { ...open, next: { ...open.next, annotation } }
  }

  // --- the draft -----------------------------------------------------------------------------

  protected bodyOf(open: OpenCase): AnswerBody {
    return {
      version: open.version,
      ...textOf(open),
      active_seconds: this.port.activeSeconds(),
    }
  }

  protected saverFor(open: OpenCase): DraftSaver {
    const id = open.next.annotation.id
    const update = (change: (held: OpenCase) => OpenCase): void => this.update(id, change)
    return new DraftSaver(id, {
      save: this.port.save,
      newKey: this.port.newKey,
      body: () => this.bodyOf(this.held(id) ?? open),
      onSaving: () => update((held) => ({ ...held, save: 'saving' })),
      onSaved: (annotation, text) => this.saved(annotation, text),
      onFailed: (error) => {
        this.keepHeld(id, error.status === 401 ? 'signedOut' : 'unreachable')
        update((held) => ({ ...held, save: 'failed' }))
      },
      onConflict: (theirs) => {
        this.keepHeld(id, 'conflict')
        update((held) => conflicted(held, theirs))
      },
      onRefused: (error) => this.draftRefused(id, error),
    })
  }

  private keepHeld(annotation: number, why: Why): void {
    const held = this.held(annotation)
    if (held) this.keep(held, why)
  }

  private held(annotation: number): OpenCase | undefined {
    const { current, aside } = this.state
    const open = [current, ...aside, this.sent.get(annotation)]
    return open.find((one) => one?.next.annotation.id === annotation) ?? undefined
  }

  protected update(annotation: number, change: (held: OpenCase) => OpenCase): void {
    const { current, aside } = this.state
    if (current?.next.annotation.id === annotation) this.change(change(current))
    const sent = this.sent.get(annotation)
    if (sent) this.sent.set(annotation, change(sent))
    if (aside.some((one) => one.next.annotation.id === annotation))
      this.set({
        aside: aside.map((one) => (one.next.annotation.id === annotation ? change(one) : one)),
      })
  }

  private saved(annotation: Annotation, sent: Text): void {
    this.set({ savedAt: annotation.saved_at })
    this.update(annotation.id, (held) => ({
      ...stored(held, annotation, sent),
      leaseLost: annotation.lease_until === null,
    }))
    const held = this.held(annotation.id)
    // other texts of the case are on no server
    if (held?.save === 'saved' && held.older.length === 0) void this.kept.dropDraft(annotation.id)
    else if (held) this.keep(held)
  }

  private draftRefused(annotation: number, error: ApiError): void {
    this.keepHeld(annotation, 'refused')
    this.update(annotation, (held) => withErrors({ ...held, save: 'refused' }, error))
    const held = this.held(annotation)
    if (held && error.code === 'submitted')
      this.refuse(this.elsewhere(annotation, held.next.case.name))
  }

  // --- the read ------------------------------------------------------------------------------

  protected dispatch(open: OpenCase, kind: Parcel['kind'], body: Parcel['body']): void {
    const { saver } = this
    const annotation = open.next.annotation.id
    const parcel: Parcel = {
      task: this.task,
      annotation,
      kind,
      key: this.port.newKey(),
      name: open.next.case.name,
      body,
      sent: saver?.sent ?? [],
    }
    this.sent.set(annotation, this.timed(open))
    void this.outbox.add(parcel, this.finalParcel(parcel, saver))
    this.advance()
  }

  /** A draft under way raises the version, and the read must name the version that it replaces. */
  private async finalParcel(parcel: Parcel, saver: DraftSaver | null): Promise<Parcel> {
    await saver?.close()
    const version = this.sent.get(parcel.annotation)?.version
    if (version === undefined || !('version' in parcel.body)) return parcel
    return { ...parcel, sent: saver?.sent ?? [], body: { ...parcel.body, version } }
  }

  private async delivered(parcel: Parcel, { progress, savedAt }: Receipt): Promise<void> {
    if (savedAt) this.set({ savedAt })
    this.sent.delete(parcel.annotation)
    await this.kept.dropDraft(parcel.annotation)
    // While others are under way, the server's count is behind what the reader has done.
    if (progress && this.outbox.annotations.length === 0) this.set({ progress })
    this.settled(parcel.annotation)
  }

  private async refused(parcel: Parcel, error: ApiError): Promise<void> {
    const { progress } = this.state
    if (parcel.kind === 'submit') this.set({ progress: counted(progress, -1) })
    const { annotation, name } = parcel
    await this.keepParcelled(parcel)
    const open = this.sent.get(annotation) ?? (await this.fetched(parcel))
    this.sent.delete(annotation)
    const there = theirsOf(error)?.state
    if (there === 'submitted' && parcel.kind === 'submit')
      this.refuse(this.elsewhere(annotation, name))
    else {
      const returnable =
        open && there !== 'skipped' ? withErrors({ ...open, save: 'refused' }, error) : null
      this.refuse({ annotation, open: returnable, name, sentence: error.message, elsewhere: false })
    }
    this.settled(annotation)
  }

  /** The parcel will be gone: its text stays as a draft. */
  private async keepParcelled({ task, annotation, body, sent }: Parcel): Promise<void> {
    if (!('answers' in body)) return
    await this.kept.keepDraft({
      task,
      annotation,
      ...textOf(body),
      version: body.version,
      sent,
      older: this.sent.get(annotation)?.older ?? [],
      why: 'refused',
      at: Date.now(),
    })
  }

  /** A read of an earlier tab: the case is fetched again, so that there is a way back to it. */
  private async fetched(parcel: Parcel): Promise<OpenCase | null> {
    const next = await this.port.read(parcel.annotation).catch(() => null)
    if (!next || !('answers' in parcel.body)) return null
    return { ...openCase(next), ...textOf(parcel.body) }
  }

  protected elsewhere(annotation: number, name: string): Refusal {
    const sentence = texts.losses.submittedElsewhere(name)
    return { annotation, open: null, name, sentence, elsewhere: true }
  }

  /** Told once a case, however often it is refused. */
  protected refuse(refusal: Refusal): void {
    const others = this.state.refusals.filter((one) => one.annotation !== refusal.annotation)
    this.set({ refusals: [...others, refusal] })
  }

  /** Back to a read that the server did not take; the case at hand waits behind it. */
  returnTo(refusal: Refusal): void {
    if (!refusal.open) return
    const { current, aside } = this.state
    void this.saver?.close()
    this.set({
      refusals: this.state.refusals.filter((one) => one !== refusal),
      aside: current ? [this.timed(current), ...aside] : aside,
    })
    this.begin({ ...refusal.open, pixels: 'loading', notice: refusal.sentence })
  }

  /** The reader lets go of it: a text that was submitted otherwise elsewhere is kept no longer. */
  dismiss(refusal: Refusal): void {
    if (refusal.elsewhere) void this.kept.dropDraft(refusal.annotation)
    this.set({ refusals: this.state.refusals.filter((one) => one !== refusal) })
    this.settled(refusal.annotation)
  }
}
