import { type CanvasPoint, canvasPoint, type PixelPoint, pixelPoint } from './types'

/** How pixels of an image lie on the screen: canvas = (a·x + c·y + e, b·x + d·y + f), as in CSS matrix(). */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

/** From where the image's first corner and its two neighbours, `columns` and `rows` away, are drawn. */
export function affineOf(
  corner: ArrayLike<number>,
  right: ArrayLike<number>,
  below: ArrayLike<number>,
  columns: number,
  rows: number,
): Affine {
  const [x, y] = [corner[0] ?? 0, corner[1] ?? 0]
  return [
    ((right[0] ?? 0) - x) / columns,
    ((right[1] ?? 0) - y) / columns,
    ((below[0] ?? 0) - x) / rows,
    ((below[1] ?? 0) - y) / rows,
    x,
    y,
  ]
}

export const toCanvas = ([a, b, c, d, e, f]: Affine, [x, y]: PixelPoint): CanvasPoint =>
  canvasPoint(a * x + c * y + e, b * x + d * y + f)

export function toPixel([a, b, c, d, e, f]: Affine, [x, y]: CanvasPoint): PixelPoint {
  const determinant = a * d - b * c
  return pixelPoint(
    (d * (x - e) - c * (y - f)) / determinant,
    (a * (y - f) - b * (x - e)) / determinant,
  )
}
