import { clamped } from '../geometry/regions'
import { type PixelPoint, pixelPoint } from '../geometry/types'
import { boxCorners } from './shapes'
import type { RegionShape, Tool } from './types'

/** Closer to the first corner than this (CSS pixels), a click closes a polygon; a shorter drag is a click. */
const NEAR = 8

/** The pane as drawing sees it. */
export interface Sheet {
  /** Names the slice that is shown; '' while none is. */
  shown: string
  columns: number
  rows: number
  pixelAt: (event: PointerEvent) => PixelPoint
  canvasAt: (point: PixelPoint) => readonly [number, number]
}

/** What is being drawn: its points so far, the last one still under the pointer. */
export interface Sketch {
  tool: Tool
  /** The slice that it is drawn on. */
  on: string
  points: readonly PixelPoint[]
}

/** So many points make the shape; of a polygon as many as one likes. */
const POINTS: Record<Exclude<RegionShape, 'mask'>, number> = {
  box: 2,
  point: 1,
  length: 2,
  angle: 3,
  polygon: Number.POSITIVE_INFINITY,
}

/** Draws boxes and lines by a drag or by two clicks, angles and polygons by clicks. Pure: no element, no event loop. */
export class Drawing {
  private points: PixelPoint[] = []
  /** The slice of the first point. Shown another, it is dropped: a shape lies on one slice, never on the wrong one. */
  private on = ''
  private floating: PixelPoint | null = null
  private pressedAt: readonly [number, number] | null = null

  constructor(
    readonly tool: Tool & { shape: Exclude<RegionShape, 'mask'> },
    private readonly done: (points: readonly PixelPoint[]) => void,
  ) {}

  get sketch(): Sketch | null {
    const points = this.floating ? [...this.points, this.floating] : this.points
    return points.length ? { tool: this.tool, on: this.on, points } : null
  }

  begun(sheet: Sheet): boolean {
    if (sheet.shown !== this.on) this.cancel()
    return this.points.length > 0
  }

  down(event: PointerEvent, sheet: Sheet): void {
    const point = clamped(sheet.pixelAt(event), sheet.columns, sheet.rows)
    this.pressedAt = [event.clientX, event.clientY]
    if (!this.begun(sheet)) this.on = sheet.shown
    if (this.closes(point, sheet)) {
      this.finish()
      return
    }
    this.points.push(point)
    if (this.points.length >= POINTS[this.tool.shape]) this.finish()
  }

  move(event: PointerEvent, sheet: Sheet): void {
    if (this.begun(sheet)) this.floating = clamped(sheet.pixelAt(event), sheet.columns, sheet.rows)
  }

  up(event: PointerEvent, sheet: Sheet): void {
    const from = this.pressedAt
    this.pressedAt = null
    const dragged = from && Math.hypot(event.clientX - from[0], event.clientY - from[1]) >= NEAR
    if (!dragged || !this.begun(sheet)) return
    if (this.points.length !== 1 || POINTS[this.tool.shape] !== 2) return
    this.points.push(clamped(sheet.pixelAt(event), sheet.columns, sheet.rows))
    this.finish()
  }

  /** Enter or a double click closes a polygon. */
  close(sheet: Sheet): void {
    if (this.begun(sheet) && this.tool.shape === 'polygon' && this.points.length >= 3) this.finish()
  }

  cancel(): void {
    this.points = []
    this.floating = null
  }

  private closes(point: PixelPoint, sheet: Sheet): boolean {
    const first = this.points[0]
    if (this.tool.shape !== 'polygon' || !first || this.points.length < 3) return false
    const [x, y] = sheet.canvasAt(first)
    const [toX, toY] = sheet.canvasAt(point)
    return Math.hypot(x - toX, y - toY) < NEAR
  }

  private finish(): void {
    const { points } = this
    this.cancel()
    if (!hasExtent(this.tool.shape, points)) return
    const [upper, , lower] = this.tool.shape === 'box' ? boxCorners(points) : []
    this.done(upper && lower ? [upper, lower] : points)
  }
}

/** A box without an area and a line without a length were slips of the hand. */
function hasExtent(shape: RegionShape, points: readonly PixelPoint[]): boolean {
  const [one, other] = points
  if (shape === 'point') return true
  if (!one || !other) return false
  const [width, height] = [Math.abs(one[0] - other[0]), Math.abs(one[1] - other[1])]
  return shape === 'box' ? width > 0 && height > 0 : shape === 'polygon' || width + height > 0
}

/** The points of a region after one of its handles was dragged to `to`. */
export function reshaped(
  shape: RegionShape,
  points: readonly PixelPoint[],
  handle: number,
  to: PixelPoint,
): readonly PixelPoint[] {
  if (shape !== 'box') return points.map((point, at) => (at === handle ? to : point))
  const opposite = boxCorners(points)[(handle + 2) % 4]
  const [upper, , lower] = opposite ? boxCorners([opposite, to]) : []
  return upper && lower ? [upper, lower] : points
}

/** All points moved alike, as far as the image goes. */
export function moved(
  points: readonly PixelPoint[],
  by: readonly [number, number],
  { columns, rows }: Pick<Sheet, 'columns' | 'rows'>,
): readonly PixelPoint[] {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  const within = (step: number, values: number[], most: number): number =>
    Math.min(most - Math.max(...values), Math.max(-Math.min(...values), step))
  const [x, y] = [within(by[0], xs, columns), within(by[1], ys, rows)]
  return points.map((point) => clamped(pixelPoint(point[0] + x, point[1] + y), columns, rows))
}
