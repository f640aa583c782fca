import { expect, test } from 'vitest'
import { pixelPoint } from '../geometry/types'
import { itemOf, joined, pointsOf, shaped } from './items'

const FRAME = { rows: 100, columns: 80 }
const drawn = (shape: 'box' | 'length' | 'mask' | 'point', ...at: [number, number][]) => ({
  slot: 'boxes',
  shape,
  image: '1.2.3',
  frame: 1,
  points: at.map(([x, y]) => pixelPoint(x, y)),
})

test('it stores a box by its corners, whichever way it was dragged, with two decimals', () => {
  const item = itemOf(drawn('box', [50.126, 60], [10, 20.004]), 'r1', FRAME, null)
  expect(item).toEqual({
    id: 'r1',
    image: '1.2.3',
    frame: 1,
    box: [10, 20, 50.13, 60],
    attributes: {},
  })
  expect(item && pointsOf(item)).toEqual([
    [10, 20],
    [50.13, 60],
  ])
})

test('it makes nothing of a box without an area', () => {
  expect(itemOf(drawn('box', [10, 20], [10, 60]), 'r1', FRAME, null)).toBeNull()
})

test('it claims no millimetres before a length was measured', () => {
  const item = itemOf(drawn('length', [0, 0], [3, 4]), 'r1', FRAME, null)
  expect(item).toMatchObject({ type: 'length', value: null, unit: 'px', spacing: 'unknown' })
})

test('it says which segment was painted, and the size of its frame', () => {
  const item = itemOf({ ...drawn('mask'), runs: [5, 3] }, 'r1', FRAME, 'tear')
  expect(item).toMatchObject({ segment: 'tear', rows: 100, columns: 80, runs: [5, 3] })
})

test('it joins strokes into runs that rise and do not touch', () => {
  expect(joined([10, 5, 30, 2], [0, 3, 15, 4, 31, 9])).toEqual([0, 3, 10, 9, 30, 10])
  expect(joined([], [4, 1])).toEqual([4, 1])
})

test('it takes no mask that was rubbed out to the last pixel', () => {
  expect(shaped('mask', [], [])).toBeNull()
})
