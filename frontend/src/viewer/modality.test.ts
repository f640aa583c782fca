import { expect, test } from 'vitest'
import { measured } from './modality'

test('each stored value stands for its entry, and beyond the ends for the nearest one', () => {
  const lut = { first: -2, entries: [7, 65_535, 300] }
  expect([...measured([-9, -2, -1, 0, 1, 4095], lut)]).toEqual([7, 7, 65_535, 300, 300, 300])
})
