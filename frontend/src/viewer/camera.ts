import type { Types } from '@cornerstonejs/core'
import { type Affine, affineOf, toCanvas } from '../geometry/affine'
import { toIndex } from '../geometry/pixels'
import { type CanvasPoint, pixelPoint } from '../geometry/types'

type Viewport = Types.IStackViewport

/** How the image lies on the screen now, or null while there is none. Not imageToWorldCoords: that swaps spacings. */
export function affineIn(viewport: Viewport): Affine | null {
  const data = viewport.getImageData()
  const [columns, rows] = data?.dimensions ?? []
  const { indexToWorld } = data?.imageData ?? {}
  if (!indexToWorld || !rows || !columns) return null
  const at = (x: number, y: number): Types.Point2 =>
    viewport.worldToCanvas(indexToWorld(toIndex(pixelPoint(x, y))) as unknown as Types.Point3)
  return affineOf(at(0, 0), at(columns, 0), at(0, rows), columns, rows)
}

function sizeOf(viewport: Viewport): readonly [columns: number, rows: number] {
  const [columns, rows] = viewport.getImageData()?.dimensions ?? []
  return [columns ?? 0, rows ?? 0]
}

/** Screen pixels per image pixel, measured down a column. */
export function scaleOf([, , c, d]: Affine): number {
  return Math.hypot(c, d) * (window.devicePixelRatio || 1)
}

export function panBy(viewport: Viewport, x: number, y: number): void {
  const [atX, atY] = viewport.getPan()
  viewport.setPan([atX + x, atY + y])
}

/** What lies under `fixed` stays there. */
export function zoomAt(viewport: Viewport, factor: number, fixed?: CanvasPoint): void {
  const before = fixed && viewport.canvasToWorld([fixed[0], fixed[1]])
  viewport.setZoom(viewport.getZoom() * factor)
  if (!before) return
  const [x, y] = viewport.worldToCanvas(before)
  panBy(viewport, fixed[0] - x, fixed[1] - y)
}

/** The whole image, as large as the pane has room for, however it is turned. */
export function fitted(viewport: Viewport): void {
  const affine = affineIn(viewport)
  if (!affine) return
  const [columns, rows] = sizeOf(viewport)
  const corners = [
    [0, 0],
    [columns, 0],
    [0, rows],
    [columns, rows],
  ].map(([x, y]) => toCanvas(affine, pixelPoint(x ?? 0, y ?? 0)))
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)]
  const [width, height] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)]
  const { clientWidth, clientHeight } = viewport.element
  if (width > 0 && height > 0)
    zoomAt(viewport, Math.min(clientWidth / width, clientHeight / height))
}

/** One image pixel on one screen pixel, and not between two of them. */
export function oneToOne(viewport: Viewport): void {
  const affine = affineIn(viewport)
  if (!affine) return
  zoomAt(viewport, 1 / scaleOf(affine))
  const ratio = window.devicePixelRatio || 1
  const [, , , , x, y] = affineIn(viewport) ?? affine
  panBy(viewport, Math.round(x * ratio) / ratio - x, Math.round(y * ratio) / ratio - y)
}
