import type { Board } from './board'
import { heatLayer, type Layer } from './paint'
import { isAt, type Slice } from './slices'
import type { HeatMap } from './types'

/** Where a model looked: fetched once it is told on which image it lies. */
export class Heat {
  private shown: { map: HeatMap; layer: Layer } | null = null
  private wanted: HeatMap | null = null

  constructor(private readonly refresh: () => void) {}

  clear(): void {
    this.shown = this.wanted = null
  }

  over(slice: Slice): Layer | null {
    return this.shown && isAt(slice, this.shown.map) ? this.shown.layer : null
  }

  show(map: HeatMap | null, boards: readonly Board[]): void {
    this.clear()
    this.wanted = map
    const board = boards.find(({ pane }) => pane.slices.some((one) => map && isAt(one, map)))
    if (map && board)
      heatLayer(map.url, board.columns, board.rows).then(
        (layer) => {
          if (this.wanted === map) this.shown = { map, layer } // else it came too late
          this.refresh()
        },
        () => undefined, // the image is read without it
      )
    this.refresh()
  }
}
