import { type DetailedError, type HttpRequest, Upload } from 'tus-js-client'
import { csrfToken, sentenceFor } from '../../api/http'
import { filesAddress } from '../../api/uploads'
import { texts } from '../../texts'
import type { NamedFile } from '../files'

/** A request that a proxy will bear, and no more lost than that when it breaks off. */
const CHUNK_BYTES = 16 * 1024 * 1024
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000]

export interface Transfer {
  start: () => void
  /** Stops; start() goes on where the server is. */
  stop: () => void
}

interface Told {
  onAddress: (address: string) => void
  onProgress: (bytes: number) => void
  onRetry: () => void
  onSent: () => void
  onFailed: (sentence: string) => void
}

const statusOf = (error: DetailedError): number => error.originalResponse?.getStatus() ?? 0

/** 401: signed out meanwhile; signing in again in another tab lets it go on. */
const worthRepeating = (status: number): boolean =>
  status === 0 || status >= 500 || [401, 409, 423, 429].includes(status)

function sentence(error: Error | DetailedError): string {
  if (!('originalResponse' in error)) return error.message
  const status = statusOf(error)
  if (status === 0) return texts.errors.unreachable
  try {
    return sentenceFor(status, JSON.parse(error.originalResponse?.getBody() ?? ''))
  } catch {
    return sentenceFor(status, {})
  }
}

const withToken = {
  onBeforeRequest: (request: HttpRequest): void => request.setHeader('X-CSRFToken', csrfToken()),
}

/** Takes back what of a file has arrived; one that is gone already is as good. */
export const takeBack = (address: string): Promise<void> =>
  Upload.terminate(address, { ...withToken, retryDelays: [1000, 3000] }).catch(() => undefined)

/** One file on its way by the tus protocol; `address` is where an earlier attempt had got to. */
export function transfer(
  upload: number,
  { path, file }: NamedFile,
  address: string | null,
  told: Told,
): Transfer {
  const tus: Upload = new Upload(file, {
    endpoint: filesAddress(upload),
    uploadUrl: address,
    metadata: { filename: file.name, relativePath: path },
    chunkSize: CHUNK_BYTES,
    retryDelays: RETRY_MS,
    // names are kept out of the browser's storage: sent.ts remembers addresses instead
    storeFingerprintForResuming: false,
    ...withToken,
    onShouldRetry: (error) => {
      told.onRetry()
      return worthRepeating(statusOf(error))
    },
    onUploadUrlAvailable: () => {
      if (tus.url) told.onAddress(tus.url)
    },
    onProgress: told.onProgress,
    onSuccess: told.onSent,
    onError: (error) => told.onFailed(sentence(error)),
  })
  return {
    start: () => tus.start(),
    stop: () => void tus.abort().catch(() => undefined),
  }
}
