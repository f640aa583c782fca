import { expect, test } from 'vitest'
import { toIndex } from './pixels'
import { spacingOf, spacingText } from './spacing'
import { canvasPoint, pixelPoint } from './types'
import { chanceText, magnification, percent } from './zoom'

test('it counts pixels from the outer corner of the first one', () => {
  expect(toIndex(pixelPoint(0, 0))).toEqual([-0.5, -0.5, 0])
  expect(toIndex(pixelPoint(300, 500.25))).toEqual([299.5, 499.75, 0])
})

test('it says how many screen pixels an image pixel takes, on a dense screen too', () => {
  const from = canvasPoint(10, 10)
  const to = canvasPoint(10, 510)
  expect(magnification(from, to, 2500, 1)).toBeCloseTo(0.2)
  expect(magnification(from, to, 2500, 2)).toBeCloseTo(0.4)
})

test('it measures the magnification of a turned image along the turned edge', () => {
  expect(magnification(canvasPoint(0, 0), canvasPoint(300, 400), 1000, 1)).toBeCloseTo(0.5)
})

test('it writes small magnifications with a decimal', () => {
  expect(percent(0.62)).toBe('62 %')
  expect(percent(0.0834)).toBe('8.3 %')
  expect([0.05, 0.714].map(chanceText)).toEqual(['5 %', '71 %'])
})

test('it names the detector plane when only the imager spacing is known', () => {
  expect(spacingText(spacingOf(undefined, [0.143, 0.143]), 'detector')).toBe('0.143 mm (detector)')
})

test('it takes a pixel spacing equal to the imager spacing for uncalibrated', () => {
  expect(spacingOf([0.143, 0.143], [0.143, 0.143])?.plane).toBe('detector')
})

test('it prefers a calibrated pixel spacing and shows pixels that are not square', () => {
  expect(spacingText(spacingOf([0.3, 0.15], [0.4, 0.4]), '')).toBe('0.300 × 0.150 mm')
})

test('it claims no millimetres when there are none', () => {
  expect(spacingText(spacingOf(undefined, undefined), '')).toBeNull()
  expect(spacingText(spacingOf([0, 0], [Number.NaN, 1]), '')).toBeNull()
})
