import { expect, test } from 'vitest'
import { ActiveTime } from './activeTime'

test('it counts the time between signs of the reader', () => {
  const time = new ActiveTime(0)
  time.sign(5_000)
  time.sign(20_000)
  expect(time.seconds(21_000)).toBe(21)
})

test('it cuts a stretch without a sign at sixty seconds', () => {
  const time = new ActiveTime(0)
  time.sign(600_000)
  expect(time.seconds(610_000)).toBe(70)
  expect(time.seconds(1_000_000)).toBe(120)
})

test('it does not count while the page is hidden', () => {
  const time = new ActiveTime(0)
  time.hidden(10_000)
  time.sign(200_000)
  time.visible(300_000)
  expect(time.seconds(305_000)).toBe(15)
})

test('it goes on from what was counted before a reload', () => {
  expect(new ActiveTime(1_000, 30).seconds(2_000)).toBe(31)
})

test('it counts nothing for a case opened in a hidden tab', () => {
  const time = new ActiveTime(0, 0, false)
  expect(time.seconds(50_000)).toBe(0)
})
