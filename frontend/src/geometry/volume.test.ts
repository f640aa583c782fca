import { expect, test } from 'vitest'
import type { Plane, Vector } from './planes'
import { directionOf, inVolume, onReformat, reformatsOf, sampled, sliceAt } from './reformat'
import { millimetres } from './types'
import { type Volume, volumeOf } from './volume'

/** Axial slices of 4 x 3 pixels, 2 mm apart, from the feet to the head. */
function axial(count = 10, change: (at: number) => Partial<Plane> = () => ({})): Plane[] {
  return Array.from({ length: count }, (_, at) => ({
    origin: [10, 20, 2 * at] as Vector,
    row: [1, 0, 0] as Vector,
    column: [0, 1, 0] as Vector,
    spacing: { row: millimetres(1.5), column: millimetres(0.5), plane: 'patient' as const },
    columns: 4,
    rows: 3,
    frameOfReference: '1.2',
    ...change(at),
  }))
}

const volume = (planes: readonly Plane[]): Volume => {
  const found = volumeOf(planes)
  if (typeof found === 'string') throw new Error(found)
  return found
}

test('slices that fill a box are a volume, whatever order they come in', () => {
  const { order, ...rest } = volume(axial().reverse())
  expect(order).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
  expect(rest).toEqual({
    axes: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    spacing: [0.5, 1.5, 2],
    size: [4, 3, 10],
  })
})

test('a slice may be off its place by a twentieth of a step', () => {
  expect(volumeOf(axial(10, (at) => (at === 4 ? { origin: [10, 20, 8.09] } : {})))).toBeTypeOf(
    'object',
  )
})

const only = (change: Partial<Plane>) => axial(10, (at) => (at === 4 ? change : {}))

test.each([
  ['few', axial(7)],
  ['spaces', only({ frameOfReference: '1.3' })],
  ['spaces', axial(10, () => ({ frameOfReference: '' }))],
  ['turned', only({ row: [0.9998, 0.02, 0], column: [-0.02, 0.9998, 0] })],
  ['sizes', only({ columns: 5 })],
  ['sizes', only({ spacing: { row: millimetres(1), column: millimetres(0.5), plane: 'patient' } })],
  ['twice', only({ origin: [10, 20, 6] })],
  ['gap', axial(11).filter((_, at) => at !== 4)],
  ['uneven', only({ origin: [10, 20, 8.3] })],
  ['sheared', axial(10, (at) => ({ origin: [10, 20 + 0.1 * at, 2 * at] }))],
] as const)('it says that slices are no volume: %s', (flaw, planes) => {
  expect(volumeOf(planes)).toBe(flaw)
})

test('a slice without a place makes no volume', () => {
  expect(volumeOf([...axial(), null])).toBe('unplaced')
})

test('reformats hang with the head up and the left of the patient at the right', () => {
  const { coronal, sagittal, axial: acquired } = reformatsOf(volume(axial()))
  expect(acquired).toMatchObject({
    right: { axis: 0, back: false },
    down: { axis: 1, back: false },
  })
  expect(coronal).toMatchObject({ right: { axis: 0 }, down: { axis: 2, back: true }, through: 1 })
  expect(sagittal).toMatchObject({ right: { axis: 1 }, down: { axis: 2, back: true }, through: 0 })
  expect(directionOf(volume(axial()), coronal.down)).toEqual([-0, -0, -1])
})

test('a reformat takes each voxel from its place', () => {
  const small = volume(axial())
  const voxels = Float32Array.from({ length: 120 }, (_, at) => at)
  const { columns, rows, values } = sampled(voxels, small, reformatsOf(small).coronal, 2)
  expect([columns, rows]).toEqual([4, 10])
  // the head's slice first: 9 x 12 voxels before it, row 2 in it
  expect([...values.subarray(0, 4)]).toEqual([116, 117, 118, 119])
  expect([...values.subarray(36)]).toEqual([8, 9, 10, 11])
})

test('a place goes to a reformat and back', () => {
  const small = volume(axial())
  const { coronal } = reformatsOf(small)
  expect(onReformat(small, coronal, [1.5, 2, 9.25])).toEqual([1.5, 0.75])
  expect(inVolume(small, coronal, [0, 2, 0], [1.5, 0.75])).toEqual([1.5, 2, 9.25])
  expect(inVolume(small, coronal, [0, 2, 0], [-3, 99])).toEqual([0, 2, 0])
  expect(sliceAt(small, 2, [0, 0, 10])).toBe(9)
})
