import type { Spacing } from './spacing'
import type { PixelPoint } from './types'

export interface Measure {
  value: number
  unit: 'mm' | 'px' | 'deg'
  /** Where a pixel's size is known from; an angle on square pixels needs none, and says it all the same. */
  spacing: 'patient' | 'detector' | 'unknown'
}

const rounded = (value: number): number => Math.round(value * 100) / 100

/** Millimetres where the size of a pixel is known, pixels where not: never a made-up millimetre. */
export function lengthBetween(from: PixelPoint, to: PixelPoint, spacing: Spacing | null): Measure {
  const [x, y] = [to[0] - from[0], to[1] - from[1]]
  if (!spacing) return { value: rounded(Math.hypot(x, y)), unit: 'px', spacing: 'unknown' }
  const value = Math.hypot(x * spacing.column, y * spacing.row)
  return { value: rounded(value), unit: 'mm', spacing: spacing.plane }
}

/** The angle at `corner` between the ways to the two others, 0..180 degrees. */
export function angleAt(
  one: PixelPoint,
  corner: PixelPoint,
  other: PixelPoint,
  spacing: Spacing | null,
): Measure {
  const [width, height] = spacing ? [spacing.column, spacing.row] : [1, 1]
  const direction = (to: PixelPoint): number =>
    Math.atan2((to[1] - corner[1]) * height, (to[0] - corner[0]) * width)
  const turn = Math.abs(direction(one) - direction(other)) * (180 / Math.PI)
  return {
    value: rounded(Math.min(turn, 360 - turn)),
    unit: 'deg',
    spacing: spacing?.plane ?? 'unknown',
  }
}

/** "12.3 mm (detector)", by the word for it; "86 px", "12.4°". */
export function measureText({ value, unit, spacing }: Measure, detector: string): string {
  if (unit === 'deg') return `${value.toFixed(1)}°`
  if (unit === 'px') return `${value.toFixed(0)} px`
  return `${value.toFixed(1)} mm${spacing === 'detector' ? ` (${detector})` : ''}`
}
