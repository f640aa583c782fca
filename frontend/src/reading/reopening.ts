import { ApiError } from '../api/http'
import type { NextCase } from '../api/reading'
import { texts } from '../texts'
import { type OpenCase, openCase } from './open'
import { Queue } from './queue'
import { sameText } from './text'

/** Cases that were open elsewhere: in tabs that are gone, and in one that lives. */
export abstract class Reopening extends Queue {
  /**
   * What this machine kept comes first, also where the worklist would not hand it out again: its lease may be lost, or
   * the case submitted elsewhere.
   */
  protected async recover(): Promise<void> {
    const { only } = this
    const kept = only === null ? await this.kept.draftsOf(this.task) : [only]
    for (const annotation of kept) {
      if (this.holding.includes(annotation)) continue
      // a tab that lives keeps its own
      if (only === null && !(await this.seats.take(annotation))) continue
      try {
        await this.reopen(this.ofTask(await this.port.read(annotation)))
      } catch (error) {
        const may = error instanceof ApiError && (error.isTransient || error.status === 401)
        // not his any more: it stays kept, and nothing can be done with it here
        if (may || only !== null) throw error
      }
    }
    this.recovered = true
  }

  /** An address that names a read of another task names none of this one. */
  private ofTask(next: NextCase): NextCase {
    if (next.case.task !== this.task) throw new ApiError(404, texts.reading.noSuchRead)
    return next
  }

  private async reopen(next: NextCase): Promise<void> {
    const { id, state } = next.annotation
    if (!(await this.seats.take(id))) {
      this.begin({ ...openCase(next), away: 'elsewhere' })
      return
    }
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

  /** Another tab goes on with the case: what was answered here stands on the server or on this machine. */
  protected taken(annotation: number): void {
    const is = (one: OpenCase | null): boolean => one?.next.annotation.id === annotation
    const { current, ahead, aside } = this.state
    if (current && is(current)) {
      void this.saver?.close()
      this.saver = null
      this.change({ ...current, away: 'taken' })
    }
    this.set({
      ahead: is(ahead) ? null : ahead,
      aside: aside.filter((one) => !is(one)),
    })
  }

  /** The case at hand from the tab that has it, with all that was answered there. */
  async goOnHere(): Promise<void> {
    const { current } = this.state
    if (!current?.away) return
    const { id } = current.next.annotation
    await this.seats.takeOver(id)
    const next = await this.port.read(id).catch((error: Error) => error)
    const draft = await this.kept.adoptDraft(id)
    if (this.state.current !== current) return
    if (next instanceof Error) this.change({ ...current, notice: next.message })
    else if (next.annotation.state === current.next.annotation.state) {
      const { pixels, pixelsSentence } = current
      this.begin({ ...openCase(next, draft), pixels, pixelsSentence })
      if (this.isPainted) void this.fetch()
    } else this.advance() // it was submitted there
  }
}
