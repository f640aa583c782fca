import { expect, test } from 'vitest'
import { affineOf, toCanvas, toPixel } from './affine'
import { angleAt, lengthBetween, measureText } from './measure'
import { boxBetween, brush, clamped, pixelsOf, runsOf } from './regions'
import { spacingOf } from './spacing'
import { canvasPoint, pixelPoint } from './types'

const at = pixelPoint

test('it takes a point to the screen and back, turned, mirrored and with pixels that are not square', () => {
  const affine = affineOf([700, 20], [700, 620], [100, 20], 1000, 500)
  expect(toCanvas(affine, at(1000, 500))).toEqual(canvasPoint(100, 620))
  const there = at(123.45, 67.89)
  const [x, y] = toPixel(affine, toCanvas(affine, there))
  expect(x).toBeCloseTo(there[0], 9)
  expect(y).toBeCloseTo(there[1], 9)
})

test('it keeps points on the image and two decimals of them', () => {
  expect(clamped(at(-3, 10.12345), 100, 50)).toEqual(at(0, 10.12))
  expect(clamped(at(101, 51), 100, 50)).toEqual(at(100, 50))
})

test('it makes the same box whichever way it is dragged', () => {
  expect(boxBetween(at(30, 5), at(10, 20))).toEqual([10, 5, 30, 20])
})

test('it writes a mask as runs and reads it back', () => {
  const pixels = Uint8Array.from([0, 1, 1, 0, 1, 0, 0, 1])
  expect(runsOf(pixels)).toEqual([1, 2, 4, 1, 7, 1])
  expect(pixelsOf(runsOf(pixels), 8)).toEqual(pixels)
  expect(runsOf(new Uint8Array(4))).toEqual([])
})

test('the brush paints the pixels whose middles it covers, and rubs them out', () => {
  const pixels = new Uint8Array(5 * 5)
  brush(pixels, 5, [at(0.5, 2.5), at(4.5, 2.5)], 0.6, 1)
  expect(runsOf(pixels)).toEqual([10, 5])
  brush(pixels, 5, [at(4.5, 2.5), at(4.5, 2.5)], 0.6, 0)
  expect(runsOf(pixels)).toEqual([10, 4])
})

test('it measures true millimetres on pixels that are not square', () => {
  const spacing = spacingOf([0.3, 0.15], undefined)
  expect(lengthBetween(at(0, 0), at(100, 0), spacing)).toEqual({
    value: 15,
    unit: 'mm',
    spacing: 'patient',
  })
  expect(lengthBetween(at(0, 0), at(0, 100), spacing).value).toBe(30)
  expect(angleAt(at(200, 0), at(0, 0), at(100, 50), spacing).value).toBe(45)
})

test('it says where millimetres were measured, and never makes one up', () => {
  const detector = lengthBetween(at(0, 0), at(3, 4), spacingOf(undefined, [0.1, 0.1]))
  expect(measureText(detector, 'detector')).toBe('0.5 mm (detector)')
  expect(measureText(lengthBetween(at(0, 0), at(3, 4), null), '')).toBe('5 px')
  expect(measureText(angleAt(at(1, 0), at(0, 0), at(0, -1), null), '')).toBe('90.0°')
})
