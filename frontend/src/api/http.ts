import { texts } from '../texts'
import { serverSaid } from '../texts/server'

/** What the server (or the lack of one) answered, as a sentence that can be shown. Status 0: not reached. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string | null
  readonly body: Record<string, unknown>

  constructor(status: number, sentence: string, body: Record<string, unknown> = {}) {
    super(sentence)
    this.name = 'ApiError'
    this.status = status
    this.code = typeof body.code === 'string' ? body.code : null
    this.body = body
  }

  /** The same request may succeed later without anybody changing it. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

interface RequestOptions {
  body?: unknown
  /** The same key with the same body is applied once, however often it is sent. */
  idempotencyKey?: string
  signal?: AbortSignal
}

/** A network that swallows requests is told from a slow server by this. */
const TIMEOUT_MS = 30_000

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export function cookie(name: string): string {
  for (const part of document.cookie.split('; ')) {
    const at = part.indexOf('=')
    if (part.slice(0, at) === name) return decodeURIComponent(part.slice(at + 1))
  }
  return ''
}

/** Read on every request: signing in again in another tab changes the token. */
export function csrfToken(): string {
  const meta = document.querySelector('meta[name="csrf-cookie"]')
  return cookie(meta?.getAttribute('content') || 'csrftoken')
}

function headersFor(method: Method, options: RequestOptions): Headers {
  const headers = new Headers({ Accept: 'application/json' })
  if (method !== 'GET') headers.set('X-CSRFToken', csrfToken())
  if (options.idempotencyKey) headers.set('Idempotency-Key', options.idempotencyKey)
  if (options.body !== undefined && !(options.body instanceof FormData))
    headers.set('Content-Type', 'application/json')
  return headers
}

function payload(body: unknown): BodyInit | undefined {
  if (body === undefined) return undefined
  return body instanceof FormData ? body : JSON.stringify(body)
}

export function sentenceFor(status: number, body: Record<string, unknown>): string {
  const said = serverSaid(body, body.detail)
  if (typeof said === 'string' && said) return said
  if (status === 401) return texts.errors.signedOut
  if (status === 403) return texts.errors.notAllowed
  if (status === 404) return texts.errors.notFound
  if (status === 413) return texts.errors.tooLarge
  if (status >= 500) return texts.errors.server(status)
  return texts.errors.refused(status)
}

/** Uploads may take as long as they need. */
const deadline = (body: unknown): AbortSignal | undefined =>
  body instanceof FormData ? undefined : AbortSignal.timeout(TIMEOUT_MS)

async function read(response: Response): Promise<unknown> {
  const text = await response.text()
  if (!text) return null
  try {
    return JSON.parse(text)
  } catch {
    if (response.ok) throw new ApiError(502, texts.errors.notUnderstood)
    return null
  }
}

async function send(method: Method, path: string, options: RequestOptions): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      headers: headersFor(method, options),
      body: payload(options.body),
      credentials: 'same-origin',
      signal: options.signal ?? deadline(options.body),
    })
  } catch (reason) {
    if (options.signal?.aborted) throw reason
    throw new ApiError(0, texts.errors.unreachable)
  }
}

function refusal(status: number, body: unknown): ApiError {
  const details = body !== null && typeof body === 'object' ? (body as Record<string, unknown>) : {}
  return new ApiError(status, sentenceFor(status, details), details)
}

/** One request; resolves with the parsed body (null for 204) or throws an ApiError. */
export async function request<T>(
  method: Method,
  path: string,
  options: RequestOptions = {},
): Promise<T> {
  const response = await send(method, path, options)
  const body = await read(response)
  if (response.ok) return body as T
  throw refusal(response.status, body)
}

/** A file, however long it takes; throws an ApiError where a link could only fail. */
export async function getFile(path: string): Promise<Blob> {
  const response = await send('GET', path, { signal: new AbortController().signal })
  if (!response.ok) throw refusal(response.status, await read(response))
  return response.blob().catch(() => {
    throw new ApiError(0, texts.errors.unreachable)
  })
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  request<T>('GET', path, { signal })

export const post = <T>(path: string, body: unknown = {}, idempotencyKey?: string): Promise<T> =>
  request<T>('POST', path, { body, idempotencyKey })

export const put = <T>(path: string, body: unknown, idempotencyKey?: string): Promise<T> =>
  request<T>('PUT', path, { body, idempotencyKey })
