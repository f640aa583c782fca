import type { PixelPoint } from './types'

/** Image libraries count from the middle of the first pixel, we count from its outer corner. */
const HALF = 0.5

export const toIndex = (point: PixelPoint): [number, number, number] => [
  point[0] - HALF,
  point[1] - HALF,
  0,
]
