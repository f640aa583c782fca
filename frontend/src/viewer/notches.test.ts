import { expect, test } from 'vitest'
import { Notches, shareOfNotch } from './notches'

const [PIXELS, LINES, PAGES] = [0, 1, 2]
const turned = (deltaY: number, deltaMode = PIXELS, ctrlKey = false) => ({
  ...{ deltaY, deltaMode, ctrlKey },
})
const slices = (deltas: number[], mode = PIXELS): number => {
  const notches = new Notches()
  return deltas.reduce((at, delta) => at + notches.step(turned(delta, mode)), 0)
}

test.each([
  ['a wheel that counts 120 pixels a notch', [120, 120, 120], PIXELS, 3],
  ['one that counts 53', [53, 53], PIXELS, 2],
  ['one that counts lines', [3, 3, -3], LINES, 1],
  ['one that counts pages', [1, 1], PAGES, 2],
  ['a trackpad, piece by piece', Array.from({ length: 60 }, () => 4), PIXELS, 4],
  ['a trackpad that turns round', [40, -40, -20], PIXELS, -1],
  ['nothing to the side', [0, 0], PIXELS, 0],
])('it counts %s', (_name, deltas, mode, wanted) => {
  expect(slices(deltas, mode)).toBe(wanted)
})

test('a zoom follows the fingers, and a notch is a notch', () => {
  expect([turned(120), turned(-25), turned(3, LINES)].map(shareOfNotch)).toEqual([1, -0.25, 1])
  expect(shareOfNotch(turned(-5, PIXELS, true))).toBe(-0.25)
})
