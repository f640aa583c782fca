import { expect, test } from 'vitest'
import { autoWindow, brightness, nodesOf, type Voi, type Window } from './voi'

const window = (curve: Window['curve'], center: number, width: number): Window => ({
  kind: 'window',
  name: '',
  center,
  width,
  curve,
})
const shown = (voi: Voi, value: number): number => brightness(nodesOf(voi), value)

test('it shows by the formulas of PS3.3 C.11.2', () => {
  // ((x - (c - 0.5)) / (w - 1) + 0.5)
  expect(shown(window('LINEAR', 2048, 4096), 0)).toBeCloseTo(0)
  expect(shown(window('LINEAR', 2048, 4096), 4095)).toBeCloseTo(1)
  expect(shown(window('LINEAR', 100, 1), 99)).toBeCloseTo(0)
  expect(shown(window('LINEAR', 100, 1), 100)).toBeCloseTo(1)
  expect(shown(window('LINEAR_EXACT', 50, 100), 25)).toBeCloseTo(0.25)
  // 1 / (1 + e^(-4 (x - c) / w))
  expect(shown(window('SIGMOID', 50, 100), 75)).toBeCloseTo(1 / (1 + Math.exp(-1)), 4)
})

test('it shows by a table, and beyond its ends as at them', () => {
  const table: Voi = { kind: 'table', name: '', first: 10, bits: 8, entries: [0, 255, 51] }
  expect([5, 10, 11, 12, 99].map((value) => shown(table, value))).toEqual([0, 0, 1, 0.2, 0.2])
})

test('the automatic window leaves the outermost hundredths out', () => {
  const values = Array.from({ length: 1001 }, (_, at) => at)
  expect(autoWindow(values, 'auto')).toMatchObject({ center: 500, width: 980 })
})
