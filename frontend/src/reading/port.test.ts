import { afterEach, expect, test, vi } from 'vitest'
import { ServerOf } from './port'

afterEach(() => vi.unstubAllGlobals())

/** The network: what it answers to each request, by the end of its address. */
function answers(of: Record<string, [number, unknown]>): void {
  vi.stubGlobal('fetch', async (path: string) => {
    const [status, body] = Object.entries(of).find(([end]) => path.endsWith(end))?.[1] ?? [500, {}]
    return new Response(JSON.stringify(body), { status })
  })
}

test('it tells that the session has ended, and that it is there again', async () => {
  const told: boolean[] = []
  const server = new ServerOf(7, (signedOut) => told.push(signedOut))
  answers({ '/heartbeat/': [401, { detail: 'Sign in.' }] })
  await expect(server.heartbeat(1)).rejects.toMatchObject({ status: 401 })
  answers({ '/heartbeat/': [200, {}], '/me/': [200, { id: 7 }] })
  await server.heartbeat(1)
  expect(told).toEqual([true, false])
})

test('it takes the session of somebody else for none, so that nothing is given up or saved as his', async () => {
  const told: boolean[] = []
  const server = new ServerOf(7, (signedOut) => told.push(signedOut))
  answers({
    '/heartbeat/': [404, { detail: 'There is no such annotation.' }],
    '/me/': [200, { id: 8 }],
  })
  await expect(server.heartbeat(1)).rejects.toMatchObject({ status: 401 })
  answers({ '/next/': [200, {}], '/me/': [200, { id: 8 }] })
  await expect(server.next(1, [])).rejects.toMatchObject({ status: 401 })
  expect(told).toEqual([true, true])
})

test('it believes a 404 of the reader himself', async () => {
  const server = new ServerOf(7, () => undefined)
  answers({
    '/heartbeat/': [404, { detail: 'There is no such annotation.' }],
    '/me/': [200, { id: 7 }],
  })
  await expect(server.heartbeat(1)).rejects.toMatchObject({ status: 404 })
})
