import type { Vector } from './planes'
import type { Volume } from './volume'

type PlaneName = 'sagittal' | 'coronal' | 'axial'

/** One axis of a volume as it lies on the screen: forwards, or from its end to its beginning. */
export interface Along {
  axis: 0 | 1 | 2
  back: boolean
}

/** A plane through the grid of a volume, hung as radiologists hang it. */
export interface Reformat {
  plane: PlaneName
  right: Along
  down: Along
  through: 0 | 1 | 2
}

/** A place in a volume, in voxels: (0, 0, 0) is the outer corner of the first, as with PixelPoint. */
export type VoxelPoint = readonly [x: number, y: number, z: number]

export interface Sampled {
  columns: number
  rows: number
  values: Float32Array
}

const AXES = [0, 1, 2] as const
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const

/** Which axis of the patient (LPS) each axis of the volume is nearest to, none taken twice. */
function patientAxes({ axes }: Volume): readonly (0 | 1 | 2)[] {
  const closeness = (order: readonly number[]): number =>
    order.reduce((sum, patient, axis) => sum + Math.abs(axes[axis]?.[patient] ?? 0), 0)
  return ORDERS.reduce((best, order) => (closeness(order) > closeness(best) ? order : best))
}

/**
 * The three planes along the axes of the volume: no voxel is mixed with others to make them. Axial is seen from the
 * feet and coronal from the front (the patient's left at the right), sagittal from his left (the front at the left).
 */
export function reformatsOf(volume: Volume): Record<PlaneName, Reformat> {
  const patient = patientAxes(volume)
  const along = (direction: 0 | 1 | 2, grows: boolean): Along => {
    const axis = AXES.find((one) => patient[one] === direction) ?? 0
    return { axis, back: (volume.axes[axis][direction] ?? 0) > 0 !== grows }
  }
  const [left, back, head] = [along(0, true), along(1, true), along(2, true)]
  const feet = along(2, false)
  return {
    axial: { plane: 'axial', right: left, down: back, through: head.axis },
    coronal: { plane: 'coronal', right: left, down: feet, through: back.axis },
    sagittal: { plane: 'sagittal', right: back, down: feet, through: left.axis },
  }
}

/** Towards where in the patient a side of the screen leads. */
export function directionOf(volume: Volume, { axis, back }: Along): Vector {
  const [x, y, z] = volume.axes[axis]
  return back ? [-x, -y, -z] : [x, y, z]
}

/** Slice `index` of a reformat, voxel by voxel, out of voxels that stand row by row and slice by slice. */
export function sampled(
  voxels: ArrayLike<number>,
  { size }: Pick<Volume, 'size'>,
  { right, down, through }: Reformat,
  index: number,
): Sampled {
  const strides = [1, size[0], size[0] * size[1]] as const
  const [columns, rows] = [size[right.axis], size[down.axis]]
  const values = new Float32Array(columns * rows)
  const [across, below] = [strides[right.axis], strides[down.axis]]
  const start =
    index * strides[through] +
    (right.back ? (columns - 1) * across : 0) +
    (down.back ? (rows - 1) * below : 0)
  const [stepX, stepY] = [right.back ? -across : across, down.back ? -below : below]
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      values[row * columns + column] = voxels[start + row * stepY + column * stepX] ?? 0
  return { columns, rows, values }
}

const coordinate = (volume: Volume, { axis, back }: Along, of: VoxelPoint): number =>
  back ? volume.size[axis] - of[axis] : of[axis]

/** Where a place in the volume lies on a reformat, in its pixels. */
export const onReformat = (
  volume: Volume,
  { right, down }: Reformat,
  of: VoxelPoint,
): readonly [x: number, y: number] => [coordinate(volume, right, of), coordinate(volume, down, of)]

/** The place in the volume under a pixel of a reformat that shows `from`. */
export function inVolume(
  volume: Volume,
  { right, down }: Reformat,
  from: VoxelPoint,
  [x, y]: readonly [number, number],
): VoxelPoint {
  const to: [number, number, number] = [...from]
  for (const [{ axis, back }, value] of [
    [right, x],
    [down, y],
  ] as const) {
    const inside = Math.min(volume.size[axis], Math.max(0, value))
    to[axis] = back ? volume.size[axis] - inside : inside
  }
  return to
}

/** Which slice along an axis holds a place. */
export const sliceAt = (volume: Volume, axis: 0 | 1 | 2, of: VoxelPoint): number =>
  Math.min(volume.size[axis] - 1, Math.max(0, Math.floor(of[axis])))
