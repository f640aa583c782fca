import { type PixelPoint, pixelPoint } from './types'

/** Two opposite corners, upper left first. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number]

/** A hundredth of a pixel is what is kept of a coordinate. */
const rounded = (value: number): number => Math.round(value * 100) / 100

const within = (value: number, most: number): number => Math.min(most, Math.max(0, value))

/** The nearest point that lies on the image, as it is kept. */
export const clamped = ([x, y]: PixelPoint, columns: number, rows: number): PixelPoint =>
  pixelPoint(rounded(within(x, columns)), rounded(within(y, rows)))

/** The box between two points, whichever way it was dragged. */
export const boxBetween = (one: PixelPoint, other: PixelPoint): Box => [
  Math.min(one[0], other[0]),
  Math.min(one[1], other[1]),
  Math.max(one[0], other[0]),
  Math.max(one[1], other[1]),
]

/** [start, length, …] of the set pixels, row by row. */
export function runsOf(pixels: Uint8Array): number[] {
  const runs: number[] = []
  let start = pixels.indexOf(1)
  while (start >= 0) {
    const end = pixels.indexOf(0, start)
    const stop = end < 0 ? pixels.length : end
    runs.push(start, stop - start)
    start = end < 0 ? -1 : pixels.indexOf(1, end)
  }
  return runs
}

export function pixelsOf(runs: readonly number[], count: number): Uint8Array {
  const pixels = new Uint8Array(count)
  for (let at = 0; at + 1 < runs.length; at += 2) {
    const start = runs[at] ?? 0
    pixels.fill(1, start, start + (runs[at + 1] ?? 0))
  }
  return pixels
}

/** Sets (or clears) the pixels whose middles lie within `radius` of the way from one point to the next. */
export function brush(
  pixels: Uint8Array,
  columns: number,
  [from, to]: readonly [PixelPoint, PixelPoint],
  radius: number,
  value: 0 | 1,
): void {
  const rows = pixels.length / columns
  const [x1, x2] = [Math.min(from[0], to[0]) - radius, Math.max(from[0], to[0]) + radius]
  const [y1, y2] = [Math.min(from[1], to[1]) - radius, Math.max(from[1], to[1]) + radius]
  for (let row = Math.max(0, Math.floor(y1)); row < Math.min(rows, Math.ceil(y2)); row++)
    for (
      let column = Math.max(0, Math.floor(x1));
      column < Math.min(columns, Math.ceil(x2));
      column++
    )
      if (distance(pixelPoint(column + 0.5, row + 0.5), from, to) <= radius)
        pixels[row * columns + column] = value
}

/** From a point to the straight way between two others. */
function distance(point: PixelPoint, from: PixelPoint, to: PixelPoint): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  const length = dx * dx + dy * dy
  const along = length ? ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / length : 0
  const share = Math.min(1, Math.max(0, along))
  return Math.hypot(point[0] - from[0] - share * dx, point[1] - from[1] - share * dy)
}
