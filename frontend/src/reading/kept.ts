import type { Answers } from '../api/forms'
import type { KeptDraft } from './open'

/** A finished read (or a skip) on its way to the server. Key and body stay together for ever. */
export interface Parcel {
  task: number
  annotation: number
  kind: 'submit' | 'skip'
  key: string
  name: string
  body: { version: number; answers: Answers; active_seconds: number } | { reason: string }
}

const DRAFT = 'osteon.draft.'
const OUTBOX = 'osteon.outbox.'

/** What must outlive the tab. Storage may be full or forbidden; then the memory of the tab is all there is. */
export class Kept {
  private readonly storage: Storage | null

  constructor(
    private readonly user: number,
    storage: Storage | null,
  ) {
    this.storage = storage
  }

  private write(key: string, value: unknown): void {
    try {
      this.storage?.setItem(key, JSON.stringify(value))
    } catch {
      // Quota or policy: the page says "not saved" by the server's word alone, so nothing is promised here.
    }
  }

  private read<T>(key: string): T | null {
    try {
      const text = this.storage?.getItem(key)
      return text ? (JSON.parse(text) as T) : null
    } catch {
      return null
    }
  }

  private remove(key: string): void {
    try {
      this.storage?.removeItem(key)
    } catch {
      // As above.
    }
  }

  keepDraft(annotation: number, draft: KeptDraft): void {
    this.write(`${DRAFT}${this.user}.${annotation}`, draft)
  }

  draft(annotation: number): KeptDraft | null {
    return this.read(`${DRAFT}${this.user}.${annotation}`)
  }

  dropDraft(annotation: number): void {
    this.remove(`${DRAFT}${this.user}.${annotation}`)
  }

  /** One entry a parcel, so that two tabs never overwrite each other's. */
  keepParcel(parcel: Parcel): void {
    this.write(`${OUTBOX}${this.user}.${parcel.annotation}`, parcel)
  }

  dropParcel(annotation: number): void {
    this.remove(`${OUTBOX}${this.user}.${annotation}`)
  }

  parcels(task: number): Parcel[] {
    const found: Parcel[] = []
    const prefix = `${OUTBOX}${this.user}.`
    for (let at = 0; at < (this.storage?.length ?? 0); at += 1) {
      const key = this.storage?.key(at)
      const parcel = key?.startsWith(prefix) ? this.read<Parcel>(key) : null
      if (parcel?.task === task) found.push(parcel)
    }
    return found
  }
}
