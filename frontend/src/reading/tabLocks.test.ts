import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { advance, settle } from './fixtures'
import { Seats } from './seats'
import { TabLocks } from './tabLocks'

let tabs: { locks: TabLocks; seats: Seats; taken: number[] }[]

/** One more tab of the same browser. */
function open(): (typeof tabs)[number] {
  const locks = new TabLocks()
  const taken: number[] = []
  const tab = { locks, taken, seats: new Seats(1, locks, (annotation) => taken.push(annotation)) }
  tabs.push(tab)
  return tab
}

/** What comes of it once everybody has had the time to answer. */
async function inTime<Found>(work: Promise<Found>): Promise<Found> {
  await advance(1000)
  return work
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  tabs = []
})

afterEach(() => {
  for (const { locks } of tabs) locks.close()
  vi.useRealTimers()
})

test('a case belongs to one tab until that leaves it', async () => {
  const [first, second] = [open(), open()]
  expect(await inTime(first.seats.take(7))).toBe(true)
  expect(await inTime(second.seats.take(7))).toBe(false)
  expect(await inTime(second.seats.take(8))).toBe(true)
  first.seats.close()
  expect(await inTime(second.seats.take(7))).toBe(true)
})

test('a tab that died has nothing', async () => {
  const [first, second] = [open(), open()]
  await inTime(first.seats.take(7))
  first.locks.close()
  expect(await inTime(second.seats.take(7))).toBe(true)
})

test('of two that ask at once, one gets it', async () => {
  const both = await inTime(Promise.all([open(), open()].map(({ seats }) => seats.take(7))))
  expect(both.filter(Boolean)).toHaveLength(1)
})

test('a case that is taken over is lost to who had it, and to nobody else', async () => {
  const [first, second, third] = [open(), open(), open()]
  await inTime(first.seats.take(7))
  await inTime(third.seats.take(8))
  await inTime(second.seats.takeOver(7))
  expect(tabs.map(({ taken }) => taken)).toEqual([[7], [], []])
  expect(await inTime(first.seats.take(7))).toBe(false)
  await inTime(first.seats.takeOver(7))
  expect(tabs.map(({ taken }) => taken)).toEqual([[7], [7], []])
})

test('in one page it is the same', async () => {
  const { locks, seats } = open()
  const next = new Seats(1, locks, () => undefined)
  await inTime(seats.take(7))
  expect(await inTime(next.take(7))).toBe(false)
  seats.close()
  await settle()
  expect(await inTime(next.take(7))).toBe(true)
})
