import { afterEach, expect, test, vi } from 'vitest'
import { ask, forgetAsked, NotDelivered, take } from './delivery'

const ID = 'wadors:http://osteon/frames/1'

function server(...answers: (() => Promise<Response>)[]): ReturnType<typeof vi.fn> {
  const fetched = vi.fn(() => (answers.shift() ?? (() => Promise.reject(new TypeError('none'))))())
  vi.stubGlobal('fetch', fetched)
  return fetched
}

const frame =
  (...bytes: number[]) =>
  (): Promise<Response> =>
    Promise.resolve(
      new Response(new Uint8Array(bytes), {
        headers: {
          'Content-Type': 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.201',
        },
      }),
    )

afterEach(() => {
  forgetAsked()
  vi.unstubAllGlobals()
})

test('what was sent for early is taken as it comes, and fetched once', async () => {
  const fetched = server(frame(1, 2, 3))
  ask(ID)
  ask(ID)
  const { bytes, syntax } = await take(ID).whole
  expect([[...bytes], syntax, fetched.mock.calls.length]).toEqual([
    [1, 2, 3],
    '1.2.840.10008.1.2.4.201',
    1,
  ])
})

test('it is taken once: who comes later sends for it again', async () => {
  const fetched = server(frame(1), frame(2))
  await take(ID).whole
  expect([...(await take(ID).whole).bytes]).toEqual([2])
  expect(fetched).toHaveBeenCalledTimes(2)
})

test('a refusal keeps its status, and a dead network has none', async () => {
  server(() => Promise.resolve(new Response('', { status: 401 })))
  await expect(take(ID).whole).rejects.toEqual(new NotDelivered(401))
  await expect(take(ID).whole).rejects.toMatchObject({ status: 0 })
})

test('a frame that breaks off on its way has not come', async () => {
  const torn = new ReadableStream<Uint8Array>({
    start: (control) => {
      control.enqueue(new Uint8Array([1]))
      control.error(new TypeError('network error'))
    },
  })
  server(() => Promise.resolve(new Response(torn)))
  await expect(take(ID).whole).rejects.toMatchObject({ status: 0 })
})

test('the first bytes can be had while the rest is on its way, and never in place of the whole', async () => {
  let control: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      control = given
    },
  })
  const headers = { 'Content-Length': '8', 'Content-Type': 'image/jphc; transfer-syntax=1.2' }
  server(() => Promise.resolve(new Response(body, { headers })))
  const delivery = take(ID)
  const early = delivery.early(1 / 4)
  control?.enqueue(new Uint8Array([1]))
  control?.enqueue(new Uint8Array([2, 3]))
  expect([...((await early)?.bytes ?? [])]).toEqual([1, 2, 3])
  control?.enqueue(new Uint8Array([4, 5, 6, 7, 8]))
  control?.close()
  expect((await delivery.whole).bytes.length).toBe(8)
  expect(await delivery.early(1 / 4)).toBeNull()
})

test('a frame that never comes has no first bytes either', async () => {
  server(() => Promise.resolve(new Response('', { status: 404 })))
  expect(await take(ID).early(1 / 8)).toBeNull()
})
