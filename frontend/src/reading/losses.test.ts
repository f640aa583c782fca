import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Answers } from '../api/forms'
import { ApiError } from '../api/http'
import { texts } from '../texts'
import { advance, forget, nextOf, Server, settle, three, two } from './fixtures'
import { Kept, type KeptDraft } from './kept'
import type { ReadingPort } from './port'
import { ReadingSession } from './session'

let server: Server
let session: ReadingSession

const now = () => session.snapshot()
const current = () => now().current
const id = () => current()?.next.annotation.id
const answer = (value: number): void => session.answer('kl', { state: 'answered', value })
const silence = new Promise<never>(() => undefined)
const { restored, restoredOlder } = texts.losses

/** Another tab, or this one after it was killed: nothing of the earlier one's memory is there. */
async function open(
  tab: string,
  change: Partial<ReadingPort> = {},
  only: number | null = null,
): Promise<void> {
  session = new ReadingSession(1, { ...server.port(), ...change }, new Kept(1, tab), only)
  await session.start()
  await settle()
  session.pixels(id() ?? 0, 'painted')
  await settle()
}

/** The tab is gone at once: no request of it arrives any more, and it does nothing. */
const kill = (): void => session.stop()

const keptOf = (annotation: number, answers: Answers): KeptDraft => ({
  ...{ task: 1, annotation, version: 0, answers, side: '' },
  ...{ sent: [], older: [], why: 'closed', at: Date.now() },
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  forget()
  server = new Server(5)
})

afterEach(() => {
  session.stop()
  vi.useRealTimers()
})

test('it brings back what a killed tab had not saved, says why, and saves it', async () => {
  await open('first')
  answer(2)
  await settle()
  kill()
  await open('second')
  expect([id(), current()?.answers, current()?.restored]).toEqual([1, two, restored.closed])
  await advance(1000)
  expect(server.has(1, two)).toBe(true)
  expect(current()?.save).toBe('saved')
  expect(await new Kept(1, 'third').draftsOf(1)).toEqual([])
})

test.each([
  ['down' as const, restored.unreachable],
  [new ApiError(401, 'Sign in.'), restored.signedOut],
])('it says what kept a draft from the server: %s', async (fault, why) => {
  await open('first')
  server.faults = Array.from({ length: 9 }, () => fault)
  answer(2)
  await advance(600)
  kill()
  server.faults = []
  await open('second')
  expect([current()?.answers, current()?.restored]).toEqual([two, why])
})

test('it takes its own draft for its own after a crash, though the answer never came', async () => {
  await open('first', {
    save: async (...of) =>
      server
        .port()
        .save(...of)
        .then(() => silence),
  })
  answer(2)
  await advance(600)
  answer(3)
  await settle()
  kill()
  await open('second')
  expect([current()?.answers, current()?.conflict]).toEqual([three, null])
  await advance(600)
  expect(server.has(1, three)).toBe(true)
})

test('it shows both texts where another tab has saved meanwhile', async () => {
  await open('first')
  answer(2)
  await settle()
  kill()
  server.change(1, { version: 4, answers: three })
  await open('second')
  expect([current()?.answers, current()?.conflict?.answers]).toEqual([two, three])
  await advance(2000)
  expect(server.has(1, three)).toBe(true)
})

test('it keeps the texts of two tabs apart, and leads back to the older one by undo', async () => {
  const deaf: Partial<ReadingPort> = { save: () => silence }
  await open('first', deaf)
  answer(2)
  await settle()
  const first = session
  // a tab that is put to sleep does not say what it has
  await open('second', { ...deaf, locks: new Server(0).port().locks })
  answer(3)
  await settle()
  first.answer('kl', { state: 'answered', value: 1 })
  await settle()
  first.stop()
  kill()

  await open('third')

  const texts = [current(), ...(current()?.past ?? [])].map((one) => one?.answers)
  expect(texts.map((one) => one?.kl?.value).sort()).toEqual([1, 3])
  expect(current()?.restored).toContain('undo')
})

test('it keeps the other text through saves and further crashes, until the read is submitted', async () => {
  const deaf: Partial<ReadingPort> = { save: () => silence }
  const older = () => current()?.past.map(({ answers }) => answers)
  await open('first', deaf)
  answer(2)
  await settle()
  kill()
  await new Kept(1, 'other').keepDraft({ ...keptOf(1, three), at: 1 })
  await open('second')
  expect([current()?.answers, older()]).toEqual([two, [three]])
  answer(1)
  await advance(1000)
  expect(current()?.save).toBe('saved')
  kill()

  await open('third')
  expect([older(), current()?.restored]).toEqual([[three], restoredOlder])
  session.submit()
  await settle()
  expect(await new Kept(1, 'fourth').adoptDraft(1)).toBeNull()
})

test('it finds a draft again whose case the worklist hands out no more', async () => {
  await open('first')
  answer(2)
  await settle()
  kill()
  server.lost = [1]
  await open('second')
  expect([id(), current()?.answers, current()?.leaseLost]).toEqual([1, two, true])
  answer(3)
  session.submit()
  await settle()
  expect(server.submitted(1)).toEqual([three])
})

test('it tells of a lost hold at once, by a save as by a heartbeat, and of its return', async () => {
  await open('first')
  server.lost = [1]
  answer(2)
  await advance(600)
  expect([current()?.save, current()?.leaseLost]).toEqual(['saved', true])
  session.leased(1, false)
  expect(current()?.leaseLost).toBe(false)
  session.leased(1, true)
  expect(current()?.leaseLost).toBe(true)
})

test('it offers to look at both where a case was submitted elsewhere with other answers', async () => {
  await open('first')
  server.change(1, { state: 'submitted', answers: three, version: 1 })
  answer(2)
  session.submit()
  await settle()
  const [refusal] = now().refusals
  expect([refusal?.elsewhere, refusal?.open]).toEqual([true, null])
  kill()

  await open('second')
  expect(now().refusals.map((one) => one.elsewhere)).toEqual([true])
  kill()
  await open('third', {}, 1)
  expect([current()?.answers, current()?.conflict?.answers]).toEqual([two, three])
})

test('it is content where a case was submitted elsewhere with the same answers', async () => {
  await open('first')
  answer(2)
  server.change(1, { state: 'submitted', answers: two, version: 1 })
  session.submit()
  await settle()
  expect([now().refusals, now().unsent]).toEqual([[], 0])
})

test('it keeps a read on the way back that a new tab could not send', async () => {
  await open('first', { send: () => silence })
  answer(2)
  session.submit()
  await settle()
  kill()
  server.faults = [new ApiError(400, 'Grade it.', { slots: { kl: 'Grade it 0 to 4.' } })]
  await open('second')
  const [refusal] = now().refusals
  expect(refusal?.open?.answers).toEqual(two)
  expect(await new Kept(1, 'second').draftsOf(1)).toEqual([1])
})

test('it sends a read of a killed tab over the draft that nobody heard of', async () => {
  await open('first', {
    save: async (...of) =>
      server
        .port()
        .save(...of)
        .then(() => silence),
    send: () => silence,
  })
  answer(2)
  await advance(600)
  answer(3)
  session.submit()
  await settle()
  kill()
  await open('second')
  expect(server.submitted(1)).toEqual([three])
})

test('it amends a read with a reason, and not before', async () => {
  server.annotations.set(9, {
    ...nextOf(9).annotation,
    state: 'submitted',
    version: 1,
    answers: two,
  })
  await open('first', {}, 9)
  expect(session.submit()).toBe(false)
  expect(current()?.notice).toBe(texts.losses.nothingChanged)
  answer(3)
  await advance(2000)
  expect(server.revisions).toEqual([])
  session.submit()
  expect(now().asking).toBe(true)
  session.amend('A slip of the key')
  await settle()
  expect(server.has(9, three)).toBe(true)
  expect(now().phase).toBe('done')
})

test('it keeps an amendment on this machine until it is sent', async () => {
  server.annotations.set(9, {
    ...nextOf(9).annotation,
    state: 'submitted',
    version: 1,
    answers: two,
  })
  await open('first', {}, 9)
  answer(3)
  await settle()
  kill()
  await open('second', {}, 9)
  expect([current()?.answers, current()?.restored]).toEqual([three, restored.closed])
  expect(server.revisions).toEqual([])
})

test('it shows both texts of a stale amendment and sends the one that is chosen', async () => {
  server.annotations.set(9, {
    ...nextOf(9).annotation,
    state: 'submitted',
    version: 1,
    answers: two,
  })
  await open('first', {}, 9)
  server.change(9, { version: 2, answers: { kl: { state: 'answered', value: 0 } } })
  answer(3)
  session.submit()
  session.amend('A slip of the key')
  await settle()
  session.pixels(9, 'painted')
  expect(current()?.conflict?.answers.kl?.value).toBe(0)
  expect(session.submit()).toBe(false)
  session.resolve('mine')
  session.submit()
  session.amend('A slip of the key')
  await settle()
  expect(server.has(9, three)).toBe(true)
  expect(server.get(9).version).toBe(3)
})

test('it goes on by itself when the reader has signed in again', async () => {
  let fault: ApiError | null = new ApiError(401, 'Sign in.')
  await open('first', {
    next: (...of) => (fault ? Promise.reject(fault) : server.port().next(...of)),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  })
  expect(now().phase).toBe('failed')
  fault = null
  await advance(3000)
  expect(now().phase).toBe('reading')
})

test('it counts the time of a case that was put aside on from where it stopped', async () => {
  await open('first')
  answer(2)
  server.faults = [new ApiError(400, 'Grade it.')]
  session.submit()
  await settle()
  const [refusal] = now().refusals
  if (refusal) session.returnTo(refusal)
  expect(current()?.next.annotation.active_seconds).toBe(7)
  expect(now().aside[0]?.next.annotation.active_seconds).toBe(7)
})

test('a draft that could not be saved before its case was put aside is saved once it is at hand again', async () => {
  await open('first')
  answer(2)
  server.faults = [new ApiError(400, 'Grade it.')]
  session.submit()
  await settle()
  session.pixels(id() ?? 0, 'painted')
  answer(3)
  server.faults = ['down']
  await advance(600)
  expect(current()?.save).toBe('failed')
  const [refusal] = now().refusals
  if (refusal) session.returnTo(refusal)
  session.pixels(id() ?? 0, 'painted')
  answer(2)
  session.submit()
  await advance(1000)
  expect(id()).toBe(2)
  expect(server.has(2, three)).toBe(true)
})

test('an answer that was mended while its draft was being refused is saved all the same', async () => {
  const port = server.port()
  const refuse: ((reason: ApiError) => void)[] = []
  const refused = () => new Promise<never>((_, reject) => refuse.push(reject))
  await open('first', {
    save: (...given) => (refuse.length === 0 ? refused() : port.save(...given)),
  })
  answer(2)
  await advance(600)
  answer(3)
  refuse[0]?.(new ApiError(400, 'Grade it.'))
  await advance(1000)
  expect(server.has(1, three)).toBe(true)
  expect(current()?.save).toBe('saved')
})

test('a read that does not exist is said to be none, and no case is taken in its place', async () => {
  await open('first', {}, 99)
  expect([session.snapshot().phase, id(), server.asked]).toEqual(['missing', undefined, []])
})
