import { dot, minus, normalOf, type Plane, type Vector } from './planes'

/** Slices of one series that fill a box without a gap: a grid of voxels in the patient (LPS, millimetres). */
export interface Volume {
  /** Which of the slices lies where along the third axis, whatever order they came in. */
  order: readonly number[]
  /** Along a row, down a column, from slice to slice; each of length 1. */
  axes: readonly [Vector, Vector, Vector]
  /** Millimetres between neighbours along each of the axes. */
  spacing: readonly [number, number, number]
  size: readonly [columns: number, rows: number, slices: number]
}

/** Why slices are no volume. */
export type Flaw =
  | 'few'
  | 'unplaced'
  | 'spaces'
  | 'turned'
  | 'sizes'
  | 'twice'
  | 'gap'
  | 'uneven'
  | 'sheared'

const LEAST_SLICES = 8
/** Directions of rows and columns agree within 0.8 degrees. */
const ALIKE = 0.9999
/** A step from slice to slice may be off the median one by this share of it. */
const STEP_TOLERANCE = 0.05
/** So many steps in one are a slice that is not there. */
const GAP = 1.5
/** Pixel sizes agree within this share. */
const SIZE_TOLERANCE = 0.001

/** The volume that slices make, or the first condition that they do not meet. */
export function volumeOf(planes: readonly (Plane | null)[]): Volume | Flaw {
  if (planes.length < LEAST_SLICES) return 'few'
  const placed = planes.filter((plane) => plane !== null)
  const [first] = placed
  if (!first || placed.length < planes.length) return 'unplaced'
  const flaw = unlike(first, placed)
  if (flaw) return flaw
  const normal = normalOf(first)
  const away = placed.map(({ origin }) => dot(minus(origin, first.origin), normal))
  const order = away.map((_, at) => at).sort((one, other) => at(away, one) - at(away, other))
  const steps = order.slice(1).map((slice, index) => at(away, slice) - at(away, order[index] ?? 0))
  const step = [...steps].sort((one, other) => one - other)[steps.length >> 1] ?? 0
  return (
    unevenSteps(steps, step) ??
    sheared(placed, order) ?? {
      order,
      axes: [first.row, first.column, normal],
      spacing: [first.spacing.column, first.spacing.row, step],
      size: [first.columns, first.rows, placed.length],
    }
  )
}

const at = (values: readonly number[], index: number): number => values[index] ?? 0

const off = (one: number, other: number): number => Math.abs(one - other) / other

function unlike(first: Plane, all: readonly Plane[]): Flaw | null {
  const { frameOfReference: space } = first
  if (!space || all.some((plane) => plane.frameOfReference !== space)) return 'spaces'
  if (
    all.some(({ row, column }) => dot(row, first.row) < ALIKE || dot(column, first.column) < ALIKE)
  )
    return 'turned'
  const alike = ({ columns, rows, spacing }: Plane): boolean =>
    columns === first.columns &&
    rows === first.rows &&
    off(spacing.row, first.spacing.row) < SIZE_TOLERANCE &&
    off(spacing.column, first.spacing.column) < SIZE_TOLERANCE
  return all.every(alike) ? null : 'sizes'
}

function unevenSteps(steps: readonly number[], step: number): Flaw | null {
  if (steps.some((one) => one < 0.01)) return 'twice'
  if (steps.some((one) => one > step * GAP)) return 'gap'
  return steps.some((one) => off(one, step) > STEP_TOLERANCE) ? 'uneven' : null
}

/** Slices shifted against each other, as of a tilted gantry: the last lies more than half a pixel beside the first. */
function sheared(planes: readonly Plane[], order: readonly number[]): Flaw | null {
  const [from, to] = [planes[order[0] ?? 0], planes[order[order.length - 1] ?? 0]]
  if (!from || !to) return 'few'
  const shift = minus(to.origin, from.origin)
  const beside = (axis: Vector, spacing: number): boolean =>
    Math.abs(dot(shift, axis)) > spacing / 2
  return beside(from.row, from.spacing.column) || beside(from.column, from.spacing.row)
    ? 'sheared'
    : null
}
