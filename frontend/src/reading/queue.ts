import { ApiError } from '../api/http'
import type { NextCase } from '../api/reading'
import { wait } from '../api/retry'
import type { Kept } from './kept'
import { type OpenCase, openCase } from './open'
import type { ReadingPort } from './port'
import { Saving } from './saving'
import { Seats } from './seats'

const RETRY_MS = 3000

/** The cases of one tab: how they come, from the worklist or from what an earlier tab left, and how they go. */
export abstract class Queue extends Saving {
  protected readonly seats: Seats
  /** Drafts of the reader's that another tab has open. */
  private readonly passed = new Set<number>()
  private fetching: Promise<void> | null = null
  private resting: Promise<void> | null = null
  private drained = false
  private stopped = false
  protected recovered = false

  /** `only`: one annotation of the reader's own that is opened again, instead of the worklist. */
  constructor(
    task: number,
    port: ReadingPort,
    kept: Kept,
    protected readonly only: number | null = null,
  ) {
    super(task, port, kept)
    this.seats = new Seats(kept.user, port.locks, (annotation) => this.taken(annotation))
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
    this.passed.clear()
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
    this.seats.close()
  }

  // --- the queue ---------------------------------------------------------------------------

  /** Every annotation this tab has open: the server must not hand these out to it again. */
  get holding(): number[] {
    const { current, ahead, aside, refusals } = this.state
    const open = [current, ahead, ...aside, ...refusals.map((refusal) => refusal.open)]
    const ids = open.flatMap((one) => (one ? [one.next.annotation.id] : []))
    return [...new Set([...ids, ...this.outbox.annotations, ...this.passed])]
  }

  protected fetch(): Promise<void> {
    const { ahead, current } = this.state
    if (ahead || current?.away || this.drained || this.stopped) return this.settleEmpty()
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
      if (this.only !== null && error instanceof ApiError && error.status === 404) {
        this.set({ phase: 'missing' })
        return
      }
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

  protected get isPainted(): boolean {
    return this.state.current?.pixels !== 'loading'
  }

  /** What an earlier tab left is opened again, once. */
  protected abstract recover(): Promise<void>
  /** Another tab goes on with the case. */
  protected abstract taken(annotation: number): void

  private async arrived(next: NextCase): Promise<void> {
    const { id } = next.annotation
    const away = !(await this.seats.take(id))
    if (away && this.state.current) {
      this.passed.add(id)
      await this.fetchNext()
      return
    }
    const open = away
      ? { ...openCase(next), away: 'elsewhere' as const }
      : openCase(next, await this.kept.adoptDraft(id))
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
    const saves = open.next.annotation.state === 'draft' && !open.away
    this.saver = saves ? this.saverFor(open) : null
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

  protected settled(annotation: number): void {
    if (!this.holding.includes(annotation)) this.seats.release(annotation)
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
    if (!(await this.seats.take(next.annotation.id))) return
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
      this.seats.release(annotation)
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
}
