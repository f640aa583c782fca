import { brush, pixelsOf, runsOf } from '../geometry/regions'
import type { PixelPoint } from '../geometry/types'
import type { Sheet } from './drawing'
import { isAt, type Slice } from './slices'
import type { Region, Tool } from './types'

/** The mask that a stroke goes on with: the selected one of the slot, where it lies on the slice that is shown. */
export const underBrush = (
  regions: readonly Region[],
  { slot }: Tool,
  slice: Slice | null,
): Region | undefined =>
  regions.find((one) => one.selected && one.slot === slot && one.runs && slice && isAt(slice, one))

/** The mask brush: a round one; with Alt or Shift held it rubs out. */
export class Painting {
  private pixels: Uint8Array | null = null
  private last: PixelPoint | null = null
  private on = ''

  constructor(
    readonly tool: Tool,
    private readonly radius: () => number,
    private readonly done: (runs: readonly number[]) => void,
  ) {}

  /** What is painted now, before it is given to the page. */
  get wet(): Uint8Array | null {
    return this.pixels
  }

  down(event: PointerEvent, sheet: Sheet, runs: readonly number[]): void {
    this.pixels = pixelsOf(runs, sheet.columns * sheet.rows)
    this.last = sheet.pixelAt(event)
    this.on = sheet.shown
    this.move(event, sheet)
  }

  move(event: PointerEvent, sheet: Sheet): void {
    this.follow(sheet)
    if (!this.pixels || !this.last) return
    const to = sheet.pixelAt(event)
    const value = event.altKey || event.shiftKey ? 0 : 1
    brush(this.pixels, sheet.columns, [this.last, to], this.radius(), value)
    this.last = to
  }

  /** Another slice came under the brush: nothing of the stroke belongs there. */
  private follow({ shown }: Sheet): void {
    if (shown !== this.on) this.pixels = this.last = null
  }

  up(sheet: Sheet): void {
    this.follow(sheet)
    if (this.pixels) this.done(runsOf(this.pixels))
    this.pixels = this.last = null
  }
}
