/** One part, as it is stored: several parts would have to be searched for their ends. */
const ACCEPT = 'application/octet-stream; transfer-syntax=*'
const SCHEME = 'wadors:'

/** A frame as the archive stores it. */
export interface Encoded {
  bytes: Uint8Array<ArrayBuffer>
  syntax: string
}

/** The server refused (its status), or did not answer (0). */
export class NotDelivered extends Error {
  constructor(readonly status: number) {
    super(`status ${status}`)
  }
}

const unanswered = (): never => {
  throw new NotDelivered(0)
}

/** A frame on its way. */
export class Delivery {
  /** Rejects with NotDelivered. */
  readonly whole: Promise<Encoded>
  private readonly ears = new Set<() => void>()
  private readonly chunks: Uint8Array[] = []
  private readonly ended = new AbortController()
  private received = 0
  private total = Number.POSITIVE_INFINITY
  private over = false
  private syntax = ''

  constructor(id: string) {
    this.whole = this.run(id.slice(SCHEME.length))
    const end = (): void => {
      this.over = true
      this.tell()
    }
    this.whole.then(end, end) // a failure is told to who takes it, perhaps later
  }

  private async run(address: string): Promise<Encoded> {
    const { signal } = this.ended
    const answer = await fetch(address, { headers: { Accept: ACCEPT }, signal }).catch(unanswered)
    if (!answer.ok || !answer.body) throw new NotDelivered(answer.status)
    this.total = Number(answer.headers.get('Content-Length')) || this.total
    this.syntax =
      /transfer-syntax="?([0-9.]+)/.exec(answer.headers.get('Content-Type') ?? '')?.[1] ?? ''
    const reader = answer.body.getReader()
    for (;;) {
      const { done, value } = await reader.read().catch(unanswered)
      if (done) return { bytes: this.sofar(), syntax: this.syntax }
      this.chunks.push(value)
      this.received += value.length
      this.tell()
    }
  }

  private tell(): void {
    for (const heard of this.ears) heard()
  }

  /** What is here once it is this share of the whole; null where all of it came at once, or its size is not known. */
  async early(share: number): Promise<Encoded | null> {
    await new Promise<void>((resolve) => {
      const heard = (): void => {
        if (!this.over && this.received < share * this.total) return
        deaf()
        resolve()
      }
      const deaf = this.listen(heard)
      heard()
    })
    return this.received < this.total && !this.over
      ? { bytes: this.sofar(), syntax: this.syntax }
      : null
  }

  /** The bytes that are here, in one piece. */
  private sofar(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.received)
    let at = 0
    for (const chunk of this.chunks) {
      bytes.set(chunk, at)
      at += chunk.length
    }
    return bytes
  }

  /** Calls at each piece that comes; returns how to stop it. */
  listen(heard: () => void): () => void {
    this.ears.add(heard)
    return () => {
      this.ears.delete(heard)
    }
  }

  cancel(): void {
    this.ended.abort()
  }
}

/** Asked for, and nobody has taken it yet. */
const asked = new Map<string, Delivery>()

/** Sends for a frame before it can be decoded; what is on its way already is not asked for again. */
export function ask(id: string): Delivery {
  const delivery = asked.get(id) ?? new Delivery(id)
  asked.set(id, delivery)
  return delivery
}

/** Not taken yet; undefined where it was not asked for. */
export const askedFor = (id: string): Delivery | undefined => asked.get(id)

/** From now on it belongs to who takes it. */
export function take(id: string): Delivery {
  const delivery = ask(id)
  asked.delete(id)
  return delivery
}

/** Nobody will take what was asked for. */
export function forgetAsked(): void {
  for (const delivery of asked.values()) delivery.cancel()
  asked.clear()
}
