import type { Board } from './board'
import { heatLayer, type Layer } from './paint'
import { isAt, type Slice } from './slices'
import type { HeatMap } from './types'

/** A slice that was rested on so long is asked about; those that are scrolled past are not. */
export const STILL_MS = 300

/** Where a model looked: fetched once it is told on which image it lies, and of any view also for what the panes show. */
export class Heat {
  private wanted: HeatMap | null = null
  private boards: readonly Board[] = []
  /** By address; null while it is on its way, and where it is not to be had: the image is read without it. */
  private layers = new Map<string, Layer | null>()

  constructor(private readonly refresh: () => void) {}

  clear(): void {
    this.wanted = null
    this.layers = new Map()
  }

  over(slice: Slice): Layer | null {
    const address = this.wanted && addressOf(this.wanted, slice)
    if (!address) return null
    if (!this.layers.has(address)) this.askOnceStill(address, slice)
    return this.layers.get(address) ?? null
  }

  /** Whether it came, and nothing else was asked for since. */
  async show(map: HeatMap | null, boards: readonly Board[]): Promise<boolean> {
    this.clear()
    this.wanted = map
    this.boards = boards
    const { layers } = this
    const board = boards.find(({ pane }) => pane.slices.some((one) => map && isAt(one, map)))
    const asked = map && board && this.ask(map.url, board)
    this.refresh()
    await asked
    return !!map && this.layers === layers && !!layers.get(map.url)
  }

  private askOnceStill(address: string, slice: Slice): void {
    const { wanted, layers } = this
    const board = this.boards.find(({ pane, prior }) => !prior && pane.slices.includes(slice))
    layers.set(address, null)
    if (!board) return
    setTimeout(() => {
      if (this.wanted !== wanted) return
      if (board.pane.slice === slice) void this.ask(address, board)
      else layers.delete(address)
    }, STILL_MS)
  }

  private ask(address: string, board: Board): Promise<void> {
    const { layers } = this
    layers.set(address, null)
    return heatLayer(address, board.columns, board.rows).then(
      (layer) => {
        layers.set(address, layer) // those of another map are not looked at any more
        this.refresh()
      },
      () => undefined,
    )
  }
}

function addressOf(map: HeatMap, slice: Slice): string | null {
  if (isAt(slice, map)) return map.url
  const { image, frame } = slice
  if (!map.any_view || (map.series && map.series !== image.series_instance_uid)) return null
  const asked = new URLSearchParams({ image: image.sop_instance_uid, frame: String(frame) })
  return `${map.url}?${asked}`
}
