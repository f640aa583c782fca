import type { PixelBox } from '../../api/holds'

/** A box on the image, and whether the detector found it or the person here drew it. */
export interface MarkedBox {
  id: number
  found: boolean
  box: PixelBox
}

type Point = readonly [x: number, y: number]

/** Smaller than this in either direction is a slip of the hand. */
const SMALLEST = 4

const within = (value: number, most: number): number => Math.min(most, Math.max(0, value))

/** The box between two corners, in whole pixels that it touches, inside the image; null for a slip. */
export function between(from: Point, to: Point, columns: number, rows: number): PixelBox | null {
  const left = Math.floor(within(Math.min(from[0], to[0]), columns))
  const top = Math.floor(within(Math.min(from[1], to[1]), rows))
  const right = Math.ceil(within(Math.max(from[0], to[0]), columns))
  const bottom = Math.ceil(within(Math.max(from[1], to[1]), rows))
  if (right - left < SMALLEST || bottom - top < SMALLEST) return null
  return [left, top, right - left, bottom - top]
}

export const foundBoxes = (boxes: readonly PixelBox[]): MarkedBox[] =>
  boxes.map((box, id) => ({ id, found: true, box }))

export const withDrawn = (boxes: readonly MarkedBox[], box: PixelBox): MarkedBox[] => [
  ...boxes,
  { id: Math.max(-1, ...boxes.map(({ id }) => id)) + 1, found: false, box },
]

export const without = (boxes: readonly MarkedBox[], id: number): MarkedBox[] =>
  boxes.filter((marked) => marked.id !== id)
