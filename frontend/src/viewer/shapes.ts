import { type Affine, toCanvas } from '../geometry/affine'
import { angleAt, lengthBetween, type Measure, measureText } from '../geometry/measure'
import { boxBetween } from '../geometry/regions'
import type { Spacing } from '../geometry/spacing'
import { type CanvasPoint, type PixelPoint, pixelPoint } from '../geometry/types'
import { texts } from '../texts'
import type { Region } from './types'

/** How long the arms of a point's cross are, in CSS pixels. */
const ARM = 9

/** The corners of a box in the order in which one walks round it. */
export function boxCorners(points: readonly PixelPoint[]): PixelPoint[] {
  const [one, other] = points
  if (!one || !other) return []
  const [x1, y1, x2, y2] = boxBetween(one, other)
  return [pixelPoint(x1, y1), pixelPoint(x2, y1), pixelPoint(x2, y2), pixelPoint(x1, y2)]
}

/** The points that can be dragged: of a box all four corners. */
export const handlesOf = (region: Pick<Region, 'shape' | 'points'>): readonly PixelPoint[] =>
  region.shape === 'box' ? boxCorners(region.points) : region.points

const figure = (value: number): string => value.toFixed(2)

const walk = (points: readonly CanvasPoint[]): string =>
  points.map(([x, y], at) => `${at ? 'L' : 'M'}${figure(x)} ${figure(y)}`).join('')

/** An SVG path in CSS pixels. */
export function pathOf(region: Pick<Region, 'shape' | 'points'>, affine: Affine): string {
  const points = handlesOf(region).map((point) => toCanvas(affine, point))
  if (region.shape === 'point') {
    const [x, y] = points[0] ?? [0, 0]
    return `M${figure(x - ARM)} ${figure(y)}h${2 * ARM}M${figure(x)} ${figure(y - ARM)}v${2 * ARM}`
  }
  const closed = points.length > 0 && (region.shape === 'box' || region.shape === 'polygon')
  return walk(points) + (closed ? 'Z' : '')
}

/** Of a length or an angle that is complete. */
export function measureOf(
  { shape, points }: Pick<Region, 'shape' | 'points'>,
  spacing: Spacing | null,
): Measure | null {
  const [first, second, third] = points
  if (shape === 'length' && first && second) return lengthBetween(first, second, spacing)
  if (shape === 'angle' && first && second && third) return angleAt(first, second, third, spacing)
  return null
}

/** What stands beside a region: its label, and what it measures. */
export function captionOf(
  region: Pick<Region, 'shape' | 'points' | 'label'>,
  spacing: Spacing | null,
): string {
  const measure = measureOf(region, spacing)
  return [region.label, measure && measureText(measure, texts.kinds.detector)]
    .filter(Boolean)
    .join(' · ')
}
