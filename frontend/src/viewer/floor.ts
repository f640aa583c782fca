import type { Board } from './board'
import { tracks } from './grid'
import type { Reformats } from './mpr/reformats'
import styles from './Pane.module.css'
import type { Layout, View } from './types'

/** Which panes stand where: all of them, today's without the priors, one alone, or one with its reformats. */
export class Floor {
  layout: Layout = { rows: 1, columns: 1, panes: [] }
  alone: number | null = null
  priors = true
  reformats: Reformats | null = null

  constructor(readonly grid: HTMLDivElement) {}

  begin(layout: Layout): void {
    this.layout = layout
    this.alone = null
  }

  get priorsNow(): View['priors'] {
    if (!this.layout.panes.some(({ prior }) => prior)) return 'none'
    return this.priors ? 'shown' : 'hidden'
  }

  isPrior(at: number): boolean {
    return Boolean(this.layout.panes[at]?.prior)
  }

  /** Whether keys can go there. */
  reachable(at: number): boolean {
    return this.priors || !this.isPrior(at)
  }

  shows(board: Board, at: number): boolean {
    if (this.reformats) return this.reformats.board === board
    if (this.alone !== null) return this.alone === at
    return this.reachable(at)
  }

  /** Panes are whole pixels wide and high: between two of them every image would be blurred. */
  size(): void {
    const { clientWidth, clientHeight, style } = this.grid
    const { rows, columns } = this.tracks
    style.gridTemplateRows = tracks(clientHeight, rows)
    style.gridTemplateColumns = tracks(clientWidth, columns)
  }

  private get tracks(): { rows: number; columns: number } {
    if (this.reformats) return { rows: 1, columns: 1 + this.reformats.cuts.length }
    if (this.alone !== null) return { rows: 1, columns: 1 }
    return (!this.priors && this.layout.today) || this.layout
  }

  /** Shows those that are to be shown, with a frame round the active one of several. */
  place(boards: readonly Board[], active: number): void {
    const shown = boards.filter((board, at) => this.shows(board, at))
    const several = shown.length + (this.reformats?.cuts.length ?? 0) > 1
    this.grid.className = [styles.grid, several && styles.several].filter(Boolean).join(' ')
    boards.forEach((board, at) => {
      board.root.toggleAttribute('data-hidden', !shown.includes(board))
      board.root.toggleAttribute('data-prior', this.isPrior(at))
      board.root.toggleAttribute('data-active', at === active && !this.reformats?.focus)
    })
  }
}
