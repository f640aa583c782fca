import type { RenderingEngine } from '@cornerstonejs/core'
import { texts } from '../texts'
import { Board, type Scenery } from './board'
import { type Desk, Hand } from './hand'
import { loadCase } from './images'
import { Nearby } from './nearby'
import { firstShown, type Slice, slicesOf } from './slices'
import type { Pane } from './types'

interface Seat {
  board: Board
  hand: Hand
  nearby: Nearby
}

interface Told {
  rendered: (board: Board) => void
  failed: (sentence: string) => void
  lost: (board: Board, slice: Slice, sentence: string) => void
  opening: (board: Board, slice: Slice) => void
}

/** The boards of a room with the mouse on each, and what fetches the slices round the one that is shown. */
export class Seats {
  private readonly all: Seat[] = []

  constructor(
    private readonly host: HTMLElement,
    private readonly engine: RenderingEngine,
    private readonly scenery: Scenery,
    private readonly desk: Desk,
    private readonly told: Told,
  ) {}

  get boards(): readonly Board[] {
    return this.all.map(({ board }) => board)
  }

  /** As many boards as panes; those that stand are used again. */
  arrange(panes: readonly Pane[]): void {
    while (this.all.length > panes.length) this.leave(this.all.pop())
    while (this.all.length < panes.length) this.all.push(this.seat())
    panes.forEach(({ label, prior = false }, at) => {
      const seat = this.all[at]
      if (!seat) return
      seat.nearby.stop()
      Object.assign(seat.board, { label, prior })
      if (prior) seat.board.wait(texts.viewer.prior.loading)
      else seat.board.uncover()
    })
  }

  private seat(): Seat {
    const id = `${this.engine.id}-${this.all.length}`
    const board: Board = new Board(this.host, this.engine, id, this.scenery, {
      rendered: this.told.rendered,
      failed: (sentence) => (board.prior ? board.wait(sentence) : this.told.failed(sentence)),
      lost: (drawn, slice, sentence) =>
        board.prior ? undefined : this.told.lost(drawn, slice, sentence),
    })
    const nearby = new Nearby((slice, sentence) => board.pane.lose(slice, sentence))
    return { board, hand: new Hand(board, this.desk), nearby }
  }

  private leave(seat: Seat | undefined): void {
    seat?.nearby.stop()
    seat?.hand.destroy()
    seat?.board.destroy()
  }

  /** Resolves once the first image of the pane is drawn. */
  async fill(at: number, { images }: Pane): Promise<void> {
    const seat = this.all[at]
    if (!seat) return
    const slices = slicesOf(images)
    const first = slices[firstShown(slices.length)]
    seat.board.close()
    if (first && !seat.board.prior) this.told.opening(seat.board, first)
    await seat.board.pane.show(slices, firstShown(slices.length))
    this.fetchAround(seat)
  }

  /** The case is read whether or not its priors can be shown. */
  async fillPrior(at: number, pane: Pane, stillWanted: () => boolean): Promise<void> {
    try {
      await loadCase(pane.images)
      if (stillWanted()) await this.fill(at, pane)
      if (stillWanted()) this.all[at]?.board.uncover()
    } catch (reason) {
      if (stillWanted()) this.all[at]?.board.wait((reason as Error).message)
    }
  }

  /** Brings a board to one of its slices. */
  goTo(board: Board, index: number): void {
    board.pane.goTo(index)
    const seat = this.all.find((one) => one.board === board)
    if (seat) this.fetchAround(seat)
  }

  private fetchAround({ board: { pane }, nearby }: Seat): void {
    void nearby.around(pane.slices, pane.index)
  }

  /** Tool or regions of the desk changed. */
  changed(): void {
    for (const { hand } of this.all) hand.changed()
  }

  /** Whether one of the hands had something to close or to drop. */
  key(key: 'Enter' | 'Escape'): boolean {
    return this.all.some(({ hand }) => hand.key(key))
  }

  leaveAll(): void {
    while (this.all.length) this.leave(this.all.pop())
  }
}
