import { expect, test } from 'vitest'
import type { Field } from '../api/forms'
import {
  carriedOn,
  differenceText,
  estimateOf,
  estimateText,
  figureName,
  signedText,
} from './figures'

test('an estimate carries its interval, and nothing where there is none', () => {
  expect(estimateText({ value: 0.644, low: 0.5, high: 0.75 })).toBe('0.64 (0.50–0.75)')
  expect(estimateText({ value: 0.644, low: null, high: null })).toBe('0.64')
  expect(estimateText(null)).toBe('–')
})

test('a difference carries its sign, in all three places', () => {
  expect(signedText({ value: 0.031, low: -0.01, high: 0.072 })).toBe('+0.031 (−0.010 … +0.072)')
  expect(signedText({ value: null, low: null, high: null })).toBe('–')
})

test('a difference in millimetres needs no thousandth; limits of old cards have no interval', () => {
  expect(differenceText({ value: -1.664, low: -1.9, high: 0.4 })).toBe('−1.66 (−1.90 … +0.40)')
  expect(differenceText(estimateOf(1.2))).toBe('+1.20')
})

test('an error is in the unit of what was asked', () => {
  const number = { kind: 'number', unit: 'mm' } as Field
  expect(figureName('mae', number)).toBe('Mean absolute error (mm)')
  expect(figureName('rmse', { ...number, unit: '1' } as Field)).toBe('Root mean square error')
  expect(figureName('mae', { kind: 'grade' } as Field)).toBe('Mean absolute error (grades)')
  expect(figureName('qwk', { kind: 'grade' } as Field)).toBe('QWK')
})

test('a curve of found places goes on to the end of the axis, and not beyond', () => {
  const found = (most: number) =>
    carriedOn(
      [
        [0, 0.5],
        [0.4, 0.8],
        [1.5, 0.9],
      ],
      most,
    )
  expect(found(2).at(-1)).toEqual([2, 0.9])
  expect(found(1)).toEqual([
    [0, 0.5],
    [0.4, 0.8],
    [1, 0.8],
  ])
  expect(carriedOn([], 2)).toEqual([])
})
