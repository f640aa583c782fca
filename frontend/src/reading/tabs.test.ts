import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { texts } from '../texts'
import { advance, forget, Server, settle, three, two } from './fixtures'
import { Kept } from './kept'
import type { ReadingPort } from './port'
import { ReadingSession } from './session'

let server: Server
let tabs: ReadingSession[]

const deaf: Partial<ReadingPort> = { save: () => new Promise<never>(() => undefined) }
const at = (tab: ReadingSession) => tab.snapshot().current
const id = (tab: ReadingSession) => at(tab)?.next.annotation.id
const answer = (tab: ReadingSession, value: number): void =>
  tab.answer('kl', { state: 'answered', value })

/** One more tab of the same browser. */
async function open(name: string, change: Partial<ReadingPort> = {}): Promise<ReadingSession> {
  const tab = new ReadingSession(1, { ...server.port(), ...change }, new Kept(1, name))
  tabs.push(tab)
  await tab.start()
  await settle()
  tab.pixels(id(tab) ?? 0, 'painted')
  await settle()
  return tab
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  forget()
  server = new Server(5)
  tabs = []
})

afterEach(() => {
  for (const tab of tabs) tab.stop()
  vi.useRealTimers()
})

test('a tab only shows a case that another one has open, and adopts nothing of it', async () => {
  const first = await open('first', deaf)
  answer(first, 2)
  await settle()
  const second = await open('second')
  expect([id(second), at(second)?.away, at(second)?.answers]).toEqual([1, 'elsewhere', {}])
  answer(second, 3)
  second.submit()
  second.skip('no reason')
  await advance(1000)
  expect([at(second)?.answers, at(second)?.notice]).toEqual([{}, texts.losses.onlyShown])
  expect([id(second), server.revisions, at(first)?.answers]).toEqual([1, [], two])
  first.stop()
  second.stop()
  const third = await open('third')
  expect([id(third), at(third)?.away, at(third)?.answers]).toEqual([1, null, two])
})

test('it goes on with what was answered in the other tab, which then only shows the case', async () => {
  const first = await open('first')
  answer(first, 2)
  await settle()
  const second = await open('second')
  await second.goOnHere()
  await settle()
  expect([at(second)?.away, at(second)?.answers]).toEqual([null, two])
  answer(first, 1)
  expect([at(first)?.away, at(first)?.answers]).toEqual(['taken', two])
  await advance(1000)
  answer(second, 3)
  second.submit()
  await settle()
  expect(server.submitted(1)).toEqual([three])
  // the other tab wants it back, and finds it read
  await first.goOnHere()
  await settle()
  expect(id(first)).not.toBe(1)
})

test('it has another case ahead than the one that another tab has', async () => {
  const first = await open('first')
  const second = await open('second')
  await second.goOnHere()
  await settle()
  const ahead = [first, second].map((tab) => tab.snapshot().ahead?.next.annotation.id)
  expect(ahead).toEqual([2, 3])
})
