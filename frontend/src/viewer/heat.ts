import { heatLayer, type Layer } from './paint'
import { isAt, type Slice } from './slices'
import type { HeatMap } from './types'

/** The heat map over one slice, once its picture has come; without one the image is read as it is. */
export class Heat {
  private asked: HeatMap | null = null
  private shown: Layer | null = null

  constructor(private readonly onChange: () => void) {}

  over(slice: Slice): Layer | null {
    return this.asked && isAt(slice, this.asked) ? this.shown : null
  }

  /** `size`: of the image that it lies over. */
  show(map: HeatMap | null, size?: { columns: number; rows: number }): void {
    this.asked = map
    this.shown = null
    if (map && size)
      heatLayer(map.url, size.columns, size.rows).then(
        (layer) => {
          if (this.asked !== map) return
          this.shown = layer
          this.onChange()
        },
        () => undefined,
      )
    this.onChange()
  }
}
