import { brush, pixelsOf, runsOf } from '../geometry/regions'
import type { PixelPoint } from '../geometry/types'
import type { Sheet } from './drawing'
import type { Tool } from './types'

/** The mask brush: a round one; with Alt or Shift held it rubs out. */
export class Painting {
  private pixels: Uint8Array | null = null
  private last: PixelPoint | null = null

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
    this.move(event, sheet)
  }

  move(event: PointerEvent, sheet: Sheet): void {
    if (!this.pixels || !this.last) return
    const to = sheet.pixelAt(event)
    const value = event.altKey || event.shiftKey ? 0 : 1
    brush(this.pixels, sheet.columns, [this.last, to], this.radius(), value)
    this.last = to
  }

  up(): void {
    if (this.pixels) this.done(runsOf(this.pixels))
    this.pixels = this.last = null
  }
}
