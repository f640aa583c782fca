import { expect, test } from 'vitest'
import { between, foundBoxes, withDrawn, without } from './boxes'

test('it draws a box whichever corner comes first, over every pixel it touches', () => {
  expect(between([30.6, 40.2], [10.4, 20.9], 100, 100)).toEqual([10, 20, 21, 21])
})

test('it keeps a box inside the image', () => {
  expect(between([-50, -8], [500, 20], 100, 60)).toEqual([0, 0, 100, 20])
})

test('it takes a click for no box', () => {
  expect(between([10, 10], [12, 40], 100, 100)).toBeNull()
})

test('a drawn box never takes the number of one that is there', () => {
  const found = foundBoxes([
    [0, 0, 9, 9],
    [5, 5, 9, 9],
  ])
  const rest = without(withDrawn(found, [1, 1, 9, 9]), 0)
  expect(withDrawn(rest, [2, 2, 9, 9]).map(({ id }) => id)).toEqual([1, 2, 3])
  expect(rest.map((marked) => marked.found)).toEqual([true, false])
  expect(withDrawn([], [2, 2, 9, 9])[0]?.id).toBe(0)
})
