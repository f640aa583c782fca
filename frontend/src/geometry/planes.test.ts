import { expect, test } from 'vitest'
import { edges, lettersOf } from './orientation'
import { cut, nearest, type Plane, parallel, together, type Vector } from './planes'
import type { Spacing } from './spacing'
import { millimetres } from './types'

const spacing: Spacing = { row: millimetres(1), column: millimetres(1), plane: 'patient' }

function plane(row: Vector, column: Vector, origin: Vector): Plane {
  return { row, column, origin, spacing, columns: 100, rows: 100, frameOfReference: '1.2' }
}

const axial = (z: number): Plane => plane([1, 0, 0], [0, 1, 0], [0.5, 0.5, z])
const coronal = plane([1, 0, 0], [0, 0, -1], [0.5, 30, 99.5])

test('it finds where one slice cuts another', () => {
  const line = cut(coronal, axial(20))
  expect(line?.map((point) => point.map((value) => Math.round(value * 10) / 10))).toEqual([
    [100, 80],
    [0, 80],
  ])
  expect(cut(axial(20), axial(30))).toBeNull()
})

test('it follows parallel slices of one space alone', () => {
  expect(nearest(axial(21), [axial(10), axial(20), axial(30)])).toBe(1)
  expect(nearest(axial(21), [null])).toBe(-1)
  expect(parallel(axial(1), coronal)).toBe(false)
  expect(together(axial(1), { ...axial(2), frameOfReference: '' })).toBe(false)
})

test('it names the sides of the patient', () => {
  expect(lettersOf([1, 0, 0])).toBe('L')
  expect(lettersOf([0, -0.8, 0.6])).toBe('AH')
})

test('letters follow flips and turns', () => {
  expect(edges('L', 'F', [1, 0, 0, 1, 0, 0])).toEqual({
    left: 'R',
    right: 'L',
    top: 'H',
    bottom: 'F',
  })
  expect(edges('L', 'F', [-1, 0, 0, 1, 0, 0])).toMatchObject({ left: 'L', right: 'R', top: 'H' })
  // a quarter turn clockwise: the top of the image lies at the right
  expect(edges('L', 'F', [0, 1, -1, 0, 0, 0])).toEqual({
    left: 'F',
    right: 'H',
    top: 'R',
    bottom: 'L',
  })
})
