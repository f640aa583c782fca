import { reformatsOf, sliceAt, type VoxelPoint } from '../../geometry/reformat'
import { type PixelPoint, pixelPoint } from '../../geometry/types'
import { type Flaw, type Volume, volumeOf } from '../../geometry/volume'
import { texts } from '../../texts'
import type { Board } from '../board'
import { aboutOf } from '../headers'
import type { Slice } from '../slices'
import { Cut } from './cut'
import { serve } from './pointer'
import { countOf, MOST_BYTES, voxelsOf } from './voxels'

const known = new WeakMap<readonly Slice[], Volume | Flaw>()

/** The volume that a pane's slices make, or why they make none. */
function volumeIn(slices: readonly Slice[]): Volume | Flaw {
  const found =
    known.get(slices) ?? volumeOf(slices.map(({ image, frame }) => aboutOf(image, frame).plane))
  known.set(slices, found)
  return found
}

/** Why this pane's slices cannot be reformatted, as a sentence; null where they can. */
export function whyNot({ pane }: Board): string | null {
  const { refused } = texts.viewer.reformat
  if (pane.image?.color) return refused.colour
  const volume = volumeIn(pane.slices)
  if (typeof volume === 'string') return refused[volume]
  const { BYTES_PER_ELEMENT: bytes = 2 } = (pane.image?.getPixelData() ?? {}) as {
    BYTES_PER_ELEMENT?: number
  }
  return countOf(volume) * bytes > MOST_BYTES ? refused.large(...volume.size) : null
}

interface Room {
  /** Brings the acquired stack to one of its slices. */
  goTo: (board: Board, index: number) => void
  activated: () => void
  changed: () => void
}

/** The stack of one pane in the two other planes: for looking; what is drawn is drawn on the acquired slices. */
export class Reformats {
  readonly cuts: readonly Cut[]
  /** The reformat that the keys act on; null: the acquired stack. */
  focus: Cut | null = null
  private place: VoxelPoint
  private values: ArrayLike<number> | null = null
  private note: string
  private readonly volume: Volume
  private readonly gone = new AbortController()

  constructor(
    host: HTMLElement,
    readonly board: Board,
    private readonly room: Room,
  ) {
    const volume = volumeIn(board.pane.slices)
    if (typeof volume === 'string') throw new Error(texts.viewer.reformat.refused[volume])
    this.volume = volume
    const [columns, rows] = volume.size
    this.place = [columns / 2, rows / 2, this.depth]
    const across = Object.values(reformatsOf(volume)).filter(({ through }) => through !== 2)
    this.cuts = across.map((reformat) => new Cut(host, volume, reformat))
    for (const cut of this.cuts) serve(cut, this.served, this.gone.signal)
    const all = board.pane.slices.length
    this.note = texts.viewer.reformat.loading(0, all)
    const told = (loaded: number): void => {
      this.note = loaded < all ? texts.viewer.reformat.loading(loaded, all) : ''
      this.refresh()
    }
    voxelsOf(board.pane.slices, volume, told, this.gone.signal).then(
      (values) => {
        this.values = values
        if (values) this.refresh()
      },
      (reason: Error) => {
        this.note = reason.message
        if (!this.gone.signal.aborted) this.refresh()
      },
    )
  }

  /** The middle of the slice that the acquired stack shows, along the volume. */
  private get depth(): number {
    return this.volume.order.indexOf(this.board.pane.index) + 0.5
  }

  private get served() {
    return {
      place: () => this.place,
      activate: (cut: Cut) => this.activate(cut),
      moveTo: (place: VoxelPoint) => this.moveTo(place),
      step: (cut: Cut, by: number) => this.stepOn(cut, by),
      windowBy: (factor: number, share: number) => this.board.pane.windowBy(factor, share),
      refresh: () => this.refresh(),
    }
  }

  private activate(cut: Cut | null): void {
    this.focus = cut
    for (const one of this.cuts) one.root.toggleAttribute('data-active', one === cut)
    this.room.activated()
  }

  /** The next (1) or previous (-1) of the three panes becomes the active one. */
  activateBy(by: number): void {
    const all = [null, ...this.cuts]
    this.activate(all[(all.indexOf(this.focus) + by + all.length) % all.length] ?? null)
  }

  /** The keys act on the acquired stack again. */
  activateAcquired(): void {
    if (this.focus) this.activate(null)
  }

  private moveTo(place: VoxelPoint): void {
    this.place = place
    const index = this.volume.order[sliceAt(this.volume, 2, place)]
    if (index !== undefined && index !== this.board.pane.index) this.room.goTo(this.board, index)
    this.refresh()
    this.room.changed()
  }

  step(by: number): void {
    if (this.focus) this.stepOn(this.focus, by)
  }

  private stepOn({ reformat: { through } }: Cut, by: number): void {
    const slice = sliceAt(this.volume, through, this.place) + by
    const place: [number, number, number] = [...this.place]
    place[through] = Math.min(this.volume.size[through] - 1, Math.max(0, slice)) + 0.5
    this.moveTo(place)
  }

  /** The place under a click on the acquired stack. */
  point([x, y]: PixelPoint): void {
    const [columns, rows] = this.volume.size
    this.moveTo([Math.min(columns, Math.max(0, x)), Math.min(rows, Math.max(0, y)), this.place[2]])
  }

  /** The acquired stack shows another slice, or shows it otherwise. */
  followed(): void {
    const slice = sliceAt(this.volume, 2, this.place)
    if (this.volume.order[slice] !== this.board.pane.index)
      this.place = [this.place[0], this.place[1], this.depth]
    this.refresh()
  }

  refresh(): void {
    const { voi, lowIsWhite } = this.board.pane
    const grey = voi && { voi, lowIsWhite }
    for (const cut of this.cuts) cut.draw(this.values, grey, this.place, this.note)
  }

  fitAll(): void {
    for (const cut of this.cuts) cut.fit()
    this.refresh()
  }

  /** Where the reformats cut the acquired slice. */
  get lines(): readonly (readonly [PixelPoint, PixelPoint])[] {
    const [[columns, rows], [x, y]] = [this.volume.size, this.place]
    return [
      [pixelPoint(x, 0), pixelPoint(x, rows)],
      [pixelPoint(0, y), pixelPoint(columns, y)],
    ]
  }

  destroy(): void {
    this.gone.abort()
    this.values = null
    for (const cut of this.cuts) cut.destroy()
  }
}
