import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError, get, post, put } from './http'

interface Sent {
  path: string
  init: RequestInit
}

let sent: Sent[] = []

function answerWith(...answers: (Response | Error)[]): void {
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    sent.push({ path, init })
    const answer = answers[Math.min(sent.length, answers.length) - 1]
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer?.clone())
  })
}

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status })

const header = (name: string): string | null => new Headers(sent[0]?.init.headers).get(name)

async function failure(asked: Promise<unknown>): Promise<ApiError> {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ApiError)) throw new Error(`Expected an ApiError, got ${String(error)}`)
  return error
}

beforeEach(() => {
  sent = []
  document.head.innerHTML = '<meta name="csrf-cookie" content="__Host-csrf">'
  vi.spyOn(document, 'cookie', 'get').mockReturnValue('csrftoken=old; __Host-csrf=a%3Db')
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('it sends the token of the cookie that the page names', async () => {
  answerWith(json(200, {}))
  await post('/api/tasks/1/next/', { holding: [4] })
  expect(header('X-CSRFToken')).toBe('a=b')
  expect(sent[0]?.init.body).toBe('{"holding":[4]}')
})

test('it sends no token with a question', async () => {
  answerWith(json(200, {}))
  await get('/api/me/')
  expect(header('X-CSRFToken')).toBeNull()
})

test('it sends the idempotency key that it is given', async () => {
  answerWith(json(200, {}))
  await put('/api/annotations/4/', {}, 'key-1')
  expect(header('Idempotency-Key')).toBe('key-1')
})

test('it gives null for an answer without a body', async () => {
  answerWith(new Response(null, { status: 204 }))
  expect(await post('/api/tasks/1/next/')).toBeNull()
})

test("it passes on the server's own sentence, code and details", async () => {
  answerWith(json(409, { detail: 'It was changed elsewhere.', code: 'stale', theirs: { id: 4 } }))
  const error = await failure(post('/x/'))
  expect([error.status, error.message, error.code]).toEqual([
    409,
    'It was changed elsewhere.',
    'stale',
  ])
  expect(error.body.theirs).toEqual({ id: 4 })
  expect(error.isTransient).toBe(false)
})

test.each([
  [401, 'You are signed out'],
  [403, 'may not do that'],
  [404, 'no such thing'],
  [413, 'too large'],
  [502, '(502)'],
])('it finds a plain sentence for a bare %i', async (status, part) => {
  answerWith(new Response('<html>nginx</html>', { status }))
  expect((await failure(get('/x/'))).message).toContain(part)
})

test('it calls a dead network transient and says so plainly', async () => {
  answerWith(new TypeError('Failed to fetch'))
  const error = await failure(get('/x/'))
  expect([error.status, error.message, error.isTransient]).toEqual([
    0,
    'The server cannot be reached.',
    true,
  ])
})

test('it does not take a page of HTML for an answer', async () => {
  answerWith(new Response('<html>', { status: 200 }))
  expect((await failure(get('/x/'))).message).toContain('could not be understood')
})
