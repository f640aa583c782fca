import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { NamedFile } from '../files'
import type { transfer } from './tus'
import { type Phase, Uploader } from './uploader'

type Told = Parameters<typeof transfer>[3]

/** The network as this test plays it: each file's transfer is told by hand how it goes. */
class Network {
  readonly told = new Map<string, Told>()
  readonly running = new Set<string>()
  readonly removed: string[] = []
  readonly addresses = new Map<string, string | null>()

  readonly transfer: typeof transfer = (_, { path }, address, told) => {
    this.told.set(path, told)
    this.addresses.set(path, address)
    return {
      start: () => void this.running.add(path),
      stop: () => void this.running.delete(path),
    }
  }

  readonly takeBack = async (address: string): Promise<void> => void this.removed.push(address)

  sent(path: string): void {
    this.running.delete(path)
    this.told.get(path)?.onSent()
  }

  fail(path: string, sentence: string): void {
    this.running.delete(path)
    this.told.get(path)?.onFailed(sentence)
  }

  async runs(...paths: string[]): Promise<void> {
    await vi.waitFor(() => expect([...this.running].sort()).toEqual(paths))
  }
}

const file = (path: string): NamedFile => ({
  path,
  file: new File(['x'.repeat(10)], path, { lastModified: 1 }),
})
const files = 'abcde'.split('').map(file)

let asked: string[] = []
let answer: (path: string) => Response
let network: Network
let uploader: Uploader

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status })
const phase = (wanted: Phase): Promise<void> =>
  vi.waitFor(() => expect(uploader.get().phase).toBe(wanted))

beforeEach(() => {
  asked = []
  answer = () => json(201, { id: 7 })
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path)
    return Promise.resolve(answer(path))
  })
  localStorage.clear()
  network = new Network()
  uploader = new Uploader(network.transfer, network.takeBack)
})

afterEach(() => vi.unstubAllGlobals())

test('it sends three at once, and starts the ingest when all have arrived', async () => {
  void uploader.send(files)
  await network.runs('a', 'b', 'c')
  network.sent('b')
  await network.runs('a', 'c', 'd')
  for (const path of ['a', 'c', 'd']) network.sent(path)
  await network.runs('e')
  expect(asked).toEqual(['/api/uploads/'])
  network.sent('e')
  await phase('idle')
  expect(asked).toEqual(['/api/uploads/', '/api/uploads/7/start/'])
  expect(uploader.get().arrived).toBe(7)
})

test('it stops what is under way while it is paused, and goes on with the same files', async () => {
  void uploader.send(files)
  await network.runs('a', 'b', 'c')
  network.sent('a')
  await network.runs('b', 'c', 'd')
  uploader.pause()
  await network.runs()
  expect(uploader.get().counts).toEqual({ waiting: 4, sending: 0, sent: 1, failed: 0 })
  uploader.resume()
  await network.runs('b', 'c', 'd')
})

test('it says why a file could not be sent, and tries only that one again', async () => {
  void uploader.send(files.slice(0, 2))
  await network.runs('a', 'b')
  network.sent('a')
  network.fail('b', 'The disk of the server is full.')
  await phase('stuck')
  expect(uploader.get().files.map(({ sentence }) => sentence)).toEqual([
    '',
    'The disk of the server is full.',
  ])
  uploader.again()
  await network.runs('b')
  network.sent('b')
  await phase('idle')
  expect(asked.at(-1)).toBe('/api/uploads/7/start/')
})

test('it takes back half a file before it goes on without it', async () => {
  void uploader.send(files.slice(0, 2))
  await network.runs('a', 'b')
  for (const path of ['a', 'b']) network.told.get(path)?.onAddress(`/files/${path}/`)
  network.sent('a')
  network.fail('b', 'no')
  await phase('stuck')
  await uploader.ingest()
  expect(network.removed).toEqual(['/files/b/'])
  expect(uploader.get().arrived).toBe(7)
})

test('it keeps what was sent when the ingest cannot be started', async () => {
  answer = (path) => (path.endsWith('start/') ? json(503, {}) : json(201, { id: 7 }))
  void uploader.send(files.slice(0, 1))
  await network.runs('a')
  network.sent('a')
  await phase('stuck')
  expect(uploader.get().sentence).toContain('503')
  answer = () => json(202, {})
  uploader.again()
  await phase('idle')
  expect(uploader.get().arrived).toBe(7)
})

test('it goes on where an upload broke off, and keeps no name in the browser', async () => {
  void uploader.send([file('MUELLER^ANNA.dcm')])
  await network.runs('MUELLER^ANNA.dcm')
  network.told.get('MUELLER^ANNA.dcm')?.onAddress('/api/uploads/7/files/t/')
  expect(JSON.stringify({ ...localStorage })).not.toContain('MUELLER')

  const later = new Network()
  void new Uploader(later.transfer).send([file('MUELLER^ANNA.dcm')], 7)
  await later.runs('MUELLER^ANNA.dcm')
  expect(later.addresses.get('MUELLER^ANNA.dcm')).toBe('/api/uploads/7/files/t/')
  expect(asked).toEqual(['/api/uploads/'])
})

test('it cancels at the server too, and forgets', async () => {
  void uploader.send(files)
  await network.runs('a', 'b', 'c')
  network.told.get('a')?.onAddress('/api/uploads/7/files/t/')
  await uploader.cancel()
  expect(asked.at(-1)).toBe('/api/uploads/7/cancel/')
  expect(uploader.get().files).toEqual([])
  expect(localStorage.length).toBe(0)
  await network.runs()
})
