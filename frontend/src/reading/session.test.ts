import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError } from '../api/http'
import { texts } from '../texts'
import { advance, forget, Server, settle, three, two } from './fixtures'
import { Kept } from './kept'
import { ReadingSession } from './session'

let server: Server
let session: ReadingSession

const now = () => session.snapshot()
const current = () => now().current?.next.annotation.id
const kept = () => new Kept(1, 'tab')
const paint = async (): Promise<void> => {
  session.pixels(current() ?? 0, 'painted')
  await settle()
}

async function begin(total = 5): Promise<void> {
  server = new Server(total)
  session = new ReadingSession(1, server.port(), kept())
  await session.start()
  await paint()
}

const answer = (value: number): void => session.answer('kl', { state: 'answered', value })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  forget()
})

afterEach(() => {
  session.stop()
  vi.useRealTimers()
})

test('it keeps one case ahead and has its pixels fetched', async () => {
  await begin()
  expect([current(), now().ahead?.next.annotation.id]).toEqual([1, 2])
  expect(server.asked).toEqual([[], [1]])
  expect(server.prefetched).toEqual([2])
})

test('it saves a draft within a second and says so by the word of the server', async () => {
  await begin()
  answer(2)
  expect(now().current?.save).toBe('unsaved')
  expect(now().savedAt).toBeNull()
  await advance(1000)
  expect(now().current?.save).toBe('saved')
  expect(now().savedAt).toBe('2026-01-01T12:00:00Z')
  expect(server.has(1, two)).toBe(true)
})

test('it repeats a draft that failed with the same key, and keeps it on this machine meanwhile', async () => {
  await begin()
  server.faults = ['down', 'down']
  answer(2)
  await advance(600)
  expect(now().current?.save).toBe('failed')
  expect((await kept().adoptDraft(1))?.answers).toEqual(two)
  await advance(5000)
  expect(now().current?.save).toBe('saved')
  expect(new Set(server.keysSeen).size).toBe(1)
  expect(await kept().adoptDraft(1)).toBeNull()
})

test('it takes a new key when the answer changed between two attempts', async () => {
  await begin()
  server.faults = ['down']
  answer(2)
  await advance(600)
  answer(3)
  await advance(5000)
  expect(server.keysSeen.length).toBe(2)
  expect(new Set(server.keysSeen).size).toBe(2)
  expect(server.has(1, three)).toBe(true)
})

test('it knows its own draft again when the answer to it was lost', async () => {
  await begin()
  server.faults = ['lost answer']
  answer(2)
  await advance(600)
  answer(3)
  await advance(8000)
  expect(now().current?.conflict).toBeNull()
  expect(now().current?.save).toBe('saved')
  expect(server.has(1, three)).toBe(true)
})

test('it shows both answers of a stale draft and keeps the one that the reader chooses', async () => {
  await begin()
  server.change(1, { version: 5, answers: three })
  answer(2)
  await advance(600)
  expect(now().current?.conflict?.answers).toEqual(three)
  expect(now().current?.answers).toEqual(two)
  expect(session.submit()).toBe(false)
  session.resolve('mine')
  await advance(600)
  expect(server.has(1, two)).toBe(true)
  expect(server.get(1).version).toBe(6)
})

test('it takes the other answer when the reader chooses that', async () => {
  await begin()
  server.change(1, { version: 5, answers: three })
  answer(2)
  await advance(600)
  session.resolve('theirs')
  await advance(2000)
  expect(now().current?.answers).toEqual(three)
  expect(server.revisions).toEqual([])
})

test('it shows the next case at once while the read goes out', async () => {
  await begin()
  answer(2)
  expect(session.submit()).toBe(true)
  expect(current()).toBe(2)
  expect(now().progress?.read).toBe(11)
  await settle()
  expect(server.submitted(1)).toEqual([two])
})

test('it submits after a draft under way, on the version that this one makes', async () => {
  await begin()
  answer(2)
  vi.advanceTimersByTime(500)
  answer(3)
  session.submit()
  await advance(2000)
  expect(server.submitted(1)).toEqual([three])
  expect(now().refusals).toEqual([])
})

test('it submits over its own draft when the answer to that was lost', async () => {
  await begin()
  server.faults = ['lost answer']
  answer(2)
  await advance(600)
  answer(3)
  session.submit()
  await settle()
  expect(server.submitted(1)).toEqual([three])
  expect(now().refusals).toEqual([])
})

test('it repeats a read that did not get through, with the same key, and counts it once', async () => {
  await begin()
  answer(2)
  server.faults = ['lost answer', 'down']
  session.submit()
  await settle()
  await paint()
  expect(server.submitted(1)).toEqual([two])
  expect(new Set(server.keysSeen).size).toBe(1)
  expect([now().unsent, now().delay, now().refusals]).toEqual([0, null, []])
})

test('it sends after a reload what the tab before could not', async () => {
  await begin()
  answer(2)
  server.faults = Array.from({ length: 50 }, () => 'down' as const)
  const waits: (() => void)[] = []
  session.stop()
  session = new ReadingSession(
    1,
    { ...server.port(), sleep: () => new Promise((resolve) => waits.push(resolve)) },
    kept(),
  )
  await session.start()
  await paint()
  answer(2)
  session.submit()
  await settle()
  expect(now().delay).toContain('restarting')
  session.stop()

  server.faults = []
  session = new ReadingSession(1, server.port(), kept())
  await session.start()
  await settle()
  expect(server.submitted(1)).toEqual([two])
  expect(current()).toBe(2)
  expect(await kept().parcels(1)).toEqual([])
})

test('it sends a read on after the reader left the room, even through a sign-in', async () => {
  await begin()
  answer(2)
  server.faults = [new ApiError(401, 'Sign in.'), 'down']
  session.submit()
  session.stop()
  await settle()
  expect(server.submitted(1)).toEqual([two])
  expect(await kept().parcels(1)).toEqual([])
})

test('it never hands out a case again that is still on its way', async () => {
  await begin()
  answer(2)
  server.faults = Array.from({ length: 3 }, () => 'down' as const)
  session.submit()
  await paint()
  expect(server.asked.at(-1)).toContain(1)
  expect(now().ahead?.next.annotation.id).toBe(3)
})

test('it offers the way back to a read that was refused', async () => {
  await begin()
  answer(2)
  server.faults = [new ApiError(400, 'Grade it.', { slots: { kl: 'Grade it 0 to 4.' } })]
  session.submit()
  await settle()
  const [refusal] = now().refusals
  expect(refusal?.sentence).toBe('Grade it.')
  expect(now().progress?.read).toBe(10)
  expect(current()).toBe(2)

  if (refusal) session.returnTo(refusal)
  await paint()
  expect(current()).toBe(1)
  expect(now().current?.slotErrors).toEqual({ kl: 'Grade it 0 to 4.' })
  answer(3)
  session.submit()
  await settle()
  expect(server.submitted(1)).toEqual([three])
  expect(current()).toBe(2)
})

test('it does not submit without an answer, and says which is missing', async () => {
  await begin()
  expect(session.submit()).toBe(false)
  expect(now().current?.notice).toBe(texts.reading.answerFirst('KL grade'))
  expect(current()).toBe(1)
})

test('it does not submit a case whose pixels failed', async () => {
  await begin()
  answer(2)
  session.pixels(1, 'failed', 'The archive could not send this image (500).')
  expect(session.submit()).toBe(false)
  expect(now().current?.notice).toBe(texts.reading.noPixelsNoSubmit)
  session.skip('no image')
  await settle()
  expect(server.get(1).state).toBe('skipped')
  expect(current()).toBe(2)
})

test('it refreshes the proposal of the case ahead, never of the one at hand', async () => {
  await begin()
  server.model = 2
  await session.refreshAhead()
  expect(now().current?.next.prediction?.model.number).toBe(1)
  expect(now().ahead?.next.prediction?.model.number).toBe(2)
  expect(now().ahead?.next.annotation.id).toBe(2)
})

test('it shows the proposal that the server noted for a case which came to hand meanwhile', async () => {
  await begin()
  answer(2)
  server.model = 2
  const refreshed = session.refreshAhead()
  session.submit()
  await refreshed
  expect(current()).toBe(2)
  expect(now().current?.next.prediction?.model.number).toBe(2)
})

test('it ends calmly after the last case, once everything has arrived', async () => {
  await begin(2)
  answer(2)
  session.submit()
  await paint()
  answer(2)
  session.submit()
  await settle()
  expect(now().phase).toBe('done')
  expect(now().progress).toEqual({ read: 12, total: 20, mine_today: 5 })
})

/** A session whose first request for a case fails with this as long as `fault.now` is it. */
function faulty(fault: { now: ApiError | null }): void {
  server = new Server(3)
  const port = server.port()
  session = new ReadingSession(
    1,
    {
      ...port,
      next: (task, holding) => (fault.now ? Promise.reject(fault.now) : port.next(task, holding)),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    },
    kept(),
  )
}

test('it says why no case could be fetched and tries again when asked', async () => {
  const fault: { now: ApiError | null } = { now: new ApiError(403, 'You are no member.') }
  faulty(fault)
  await session.start()
  expect([now().phase, now().failure]).toEqual(['failed', 'You are no member.'])
  await advance(60_000)
  expect(now().phase).toBe('failed')
  fault.now = null
  await session.again()
  expect(current()).toBe(1)
})

test('it comes back by itself when the server does', async () => {
  const fault: { now: ApiError | null } = { now: new ApiError(503, 'Restarting.') }
  faulty(fault)
  await session.start()
  await advance(10_000)
  expect([now().phase, now().failure]).toEqual(['failed', 'Restarting.'])
  fault.now = null
  await advance(3000)
  expect([now().phase, current()]).toEqual(['reading', 1])
})

test('it asks no more for a reader who left', async () => {
  const fault: { now: ApiError | null } = { now: new ApiError(503, 'Restarting.') }
  faulty(fault)
  await session.start()
  session.stop()
  fault.now = null
  await advance(60_000)
  expect(server.asked).toEqual([])
})

test('it drops the case ahead when its lease is lost and fetches another', async () => {
  await begin()
  server.change(2, { state: 'skipped' })
  session.leased(2, true)
  await settle()
  expect(now().ahead?.next.annotation.id).toBe(3)
})

test('a read of another task is none of this one', async () => {
  await begin()
  const open = async (task: number) => {
    const only = new ReadingSession(task, server.port(), new Kept(1, 'other'), 1)
    await only.start()
    await settle()
    only.stop()
    return [only.snapshot().phase, only.snapshot().current?.next.annotation.id]
  }
  expect(await open(2)).toEqual(['missing', undefined])
  expect(await open(1)).toEqual(['reading', 1])
})

test('neither keys that are typed ahead nor a click answer an image that has not been seen', async () => {
  server = new Server(5)
  session = new ReadingSession(1, server.port(), kept())
  await session.start()
  const typedAhead = (): void => {
    session.notAssessable()
    session.acceptAll()
    session.accept()
    answer(2)
    expect(session.key('2')).toBe(true)
  }
  typedAhead()
  expect([now().current?.answers, now().current?.notice]).toEqual([{}, texts.reading.waitForPixels])
  session.pixels(1, 'failed', 'It is gone.')
  typedAhead()
  const { answers, notice, past } = now().current ?? {}
  expect([answers, notice, past]).toEqual([{}, texts.reading.noPixelsNoSubmit, []])
  await paint()
  expect(now().current?.notice).toBeNull()
  expect(session.key('2')).toBe(true)
  expect([current(), now().current?.answers]).toEqual([1, two])
})
