import type { Spacing } from './spacing'
import { type PixelPoint, pixelPoint } from './types'

export type Vector = readonly [x: number, y: number, z: number]

/** Where a slice lies in the patient (LPS, millimetres): PS3.3 C.7.6.2.1.1. */
export interface Plane {
  /** The middle of the first pixel. */
  origin: Vector
  /** Along a row, to the next column; and along a column, to the next row. */
  row: Vector
  column: Vector
  spacing: Spacing
  columns: number
  rows: number
  frameOfReference: string
}

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]

export const normalOf = (plane: Plane): Vector => cross(plane.row, plane.column)

/** Both lie in one space, so that a place on one has a place on the other. */
export const together = (one: Plane, other: Plane): boolean =>
  one.frameOfReference !== '' && one.frameOfReference === other.frameOfReference

/** Less than ten degrees apart: slices of two series that can be scrolled together. */
export const parallel = (one: Plane, other: Plane): boolean =>
  Math.abs(dot(normalOf(one), normalOf(other))) > 0.985

/** Which of `planes` lies nearest to `at`, measured along its own normal; -1 of none. */
export function nearest(at: Plane, planes: readonly (Plane | null)[]): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  planes.forEach((plane, index) => {
    if (!plane) return
    const away = Math.abs(dot(minus(middle(plane), middle(at)), normalOf(plane)))
    if (away < least) [best, least] = [index, away]
  })
  return best
}

function middle(plane: Plane): Vector {
  return inSpace(plane, pixelPoint(plane.columns / 2, plane.rows / 2))
}

function inSpace({ origin, row, column, spacing }: Plane, [x, y]: PixelPoint): Vector {
  const [right, down] = [(x - 0.5) * spacing.column, (y - 0.5) * spacing.row]
  return [0, 1, 2].map(
    (axis) => (origin[axis] ?? 0) + right * (row[axis] ?? 0) + down * (column[axis] ?? 0),
  ) as unknown as Vector
}

function onPlane(plane: Plane, point: Vector): PixelPoint {
  const from = minus(point, plane.origin)
  return pixelPoint(
    dot(from, plane.row) / plane.spacing.column + 0.5,
    dot(from, plane.column) / plane.spacing.row + 0.5,
  )
}

/** Where slice `other` cuts slice `plane`, in pixels of `plane`; null where they do not meet. */
export function cut(plane: Plane, other: Plane): readonly [PixelPoint, PixelPoint] | null {
  const normal = normalOf(plane)
  const corners = (
    [
      [0, 0],
      [other.columns, 0],
      [other.columns, other.rows],
      [0, other.rows],
    ] as const
  ).map(([x, y]) => inSpace(other, pixelPoint(x, y)))
  const meets: Vector[] = []
  corners.forEach((from, at) => {
    const to = corners[(at + 1) % 4] ?? from
    const [before, behind] = [from, to].map((end) => dot(minus(end, plane.origin), normal))
    if (before === undefined || behind === undefined || before * behind > 0 || before === behind)
      return
    const share = before / (before - behind)
    meets.push(
      [0, 1, 2].map(
        (axis) => (from[axis] ?? 0) + share * ((to[axis] ?? 0) - (from[axis] ?? 0)),
      ) as unknown as Vector,
    )
  })
  const [first, second] = meets
  return first && second ? [onPlane(plane, first), onPlane(plane, second)] : null
}
