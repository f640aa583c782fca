import { IDBFactory } from 'fake-indexeddb'
import { vi } from 'vitest'
import type { Answers, Form } from '../api/forms'
import { ApiError } from '../api/http'
import type { Annotation, AnswerBody, NextCase, Progress } from '../api/reading'
import type { Parcel } from './kept'
import { sameAnswers } from './open'
import type { Receipt } from './outbox'
import type { ReadingPort } from './port'
import type { Locks } from './seats'

const grade = (value: number) => ({ value, label: `grade ${value}`, definition: '', code: null })

const FORM: Form = {
  version: 1,
  slug: 'knee-oa-kl',
  name: 'Knee OA',
  hanging: {},
  fields: [
    {
      key: 'kl',
      kind: 'grade',
      label: 'KL grade',
      help: '',
      required: true,
      sites: [],
      scale: { name: 'Kellgren-Lawrence', version: '1957', code: null },
      grades: [0, 1, 2, 3, 4].map(grade),
    },
  ],
}

export const two: Answers = { kl: { state: 'answered', value: 2 } }
export const three: Answers = { kl: { state: 'answered', value: 3 } }

export function nextOf(id: number, change: Partial<Annotation> = {}): NextCase {
  return {
    annotation: {
      id,
      case: id,
      state: 'draft',
      version: 0,
      answers: {},
      side: '',
      form_version: 1,
      saved_at: null,
      submitted_at: null,
      amended_at: null,
      amend_reason: '',
      lease_until: '2026-01-01T12:10:00Z',
      active_seconds: 0,
      flagged: false,
      flag_note: '',
      ...change,
    },
    case: {
      id,
      name: `case ${id}`,
      patient: `P-${id}`,
      laterality: 'R',
      task: 1,
      view: 'PA',
      flags: [],
      images: [],
    },
    form: FORM,
    progress: { read: 10, total: 20, mine_today: 3 },
    prediction: {
      model: { id: 1, number: 1 },
      slots: { kl: { kind: 'grade', value: 2, probabilities: [0, 0.1, 0.8, 0.1, 0] } },
    },
  }
}

/** Nothing is kept on this machine. */
export function forget(): void {
  globalThis.indexedDB = new IDBFactory()
}

/** Until all that waits for nobody has happened; the store takes its own turns. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Lets the clock run, step by step, and all that follows from it. */
export async function advance(milliseconds: number): Promise<void> {
  await settle()
  for (let past = 0; past < milliseconds; past += 100) {
    await vi.advanceTimersByTimeAsync(Math.min(100, milliseconds - past))
    await settle()
  }
}

/** The locks of one browser. */
class BrowserLocks implements Locks {
  private readonly holders = new Map<string, (reason: Error) => void>()

  readonly request = (async (
    name: string,
    options: LockOptions,
    act: LockGrantedCallback<void>,
  ) => {
    const holder = this.holders.get(name)
    if (holder && !options.steal) return act(null)
    holder?.(new Error('stolen'))
    const stolen = new Promise<void>((_keep, steal) => this.holders.set(name, steal))
    const mine = this.holders.get(name)
    const done = Promise.resolve(act({ name, mode: 'exclusive' })).finally(() => {
      if (this.holders.get(name) === mine) this.holders.delete(name)
    })
    return Promise.race([done, stolen])
  }) as Locks['request']
}

type Fault = 'lost answer' | 'down' | ApiError

/** The server's side of the contract, in memory: versions, idempotency keys, drafts that come back. */
export class Server {
  readonly annotations = new Map<number, Annotation>()
  readonly revisions: { id: number; answers: Answers; submitted: boolean }[] = []
  readonly keysSeen: string[] = []
  readonly asked: number[][] = []
  readonly prefetched: number[] = []
  /** What goes wrong with the next writes, one after the other. */
  faults: Fault[] = []
  model = 1
  /** Annotations whose case somebody else has by now. */
  lost: number[] = []
  private readonly locks = new BrowserLocks()
  private readonly remembered = new Map<string, { body: string; answer: Annotation }>()
  private read = 10
  private keys = 0

  constructor(readonly total: number) {}

  port(): ReadingPort {
    return {
      next: (_task, holding) => this.next(holding),
      read: async (id) => this.shown(this.get(id)),
      heartbeat: async (id) => this.beat(id),
      save: (id, body, key) => this.write(id, body, key, 'draft'),
      send: (parcel) => this.send(parcel),
      newKey: () => {
        this.keys += 1
        return `key-${this.keys}`
      },
      prefetch: (next) => this.prefetched.push(next.annotation.id),
      begun: () => undefined,
      activeSeconds: () => 7,
      sleep: async () => undefined,
      locks: this.locks,
    }
  }

  private async next(holding: number[]): Promise<NextCase | null> {
    this.asked.push(holding)
    const held = [...this.annotations.values()].find(
      (one) => one.state === 'draft' && !holding.includes(one.id) && !this.lost.includes(one.id),
    )
    if (held) return this.shown(held)
    if (this.annotations.size >= this.total) return null
    const fresh = nextOf(this.annotations.size + 1).annotation
    this.annotations.set(fresh.id, fresh)
    return this.shown(fresh)
  }

  private beat(id: number): void {
    if (this.lost.includes(id))
      throw new ApiError(409, 'Somebody else has it.', { code: 'lease_lost' })
  }

  private shown(annotation: Annotation): NextCase {
    const next = nextOf(annotation.id, annotation)
    return {
      ...next,
      progress: this.progress(),
      prediction: next.prediction && {
        ...next.prediction,
        model: { id: this.model, number: this.model },
      },
    }
  }

  private progress(): Progress {
    return { read: this.read, total: 20, mine_today: this.read - 7 }
  }

  private async send({ annotation: id, kind, body, key }: Parcel): Promise<Receipt> {
    if (!('answers' in body)) {
      this.change(id, { state: 'skipped' })
      return { progress: null, savedAt: null }
    }
    const annotation = await this.write(id, body, key, kind === 'amend' ? 'amend' : 'submit')
    return { progress: this.progress(), savedAt: annotation.saved_at }
  }

  private async write(
    id: number,
    body: AnswerBody,
    key: string,
    verb: 'draft' | 'submit' | 'amend',
  ): Promise<Annotation> {
    this.keysSeen.push(key)
    const fault = this.faults.shift()
    if (fault === 'down') throw new ApiError(503, 'The database is restarting.')
    if (fault instanceof ApiError) throw fault
    const answer = this.apply(id, body, key, verb)
    if (fault === 'lost answer') throw new ApiError(0, 'The server cannot be reached.')
    return answer
  }

  private apply(id: number, body: AnswerBody, key: string, verb: string): Annotation {
    const text = JSON.stringify([id, body, verb])
    const before = this.remembered.get(key)
    if (before && before.body !== text)
      throw new ApiError(422, 'This key was used.', { code: 'key_reused' })
    if (before) return before.answer
    const held = this.get(id)
    const both = { theirs: held, yours: body.answers }
    if (held.state !== (verb === 'amend' ? 'submitted' : 'draft'))
      throw new ApiError(409, `Already ${held.state}.`, { code: held.state, ...both })
    if (held.version !== body.version)
      throw new ApiError(409, 'It was changed elsewhere.', { code: 'stale', ...both })
    const answer = this.change(id, {
      answers: body.answers,
      side: body.side,
      version: held.version + 1,
      saved_at: '2026-01-01T12:00:00Z',
      state: verb === 'draft' ? 'draft' : 'submitted',
      lease_until: verb === 'draft' && !this.lost.includes(id) ? held.lease_until : null,
    })
    this.revisions.push({ id, answers: body.answers, submitted: verb !== 'draft' })
    if (verb === 'submit') this.read += 1
    this.remembered.set(key, { body: text, answer })
    return answer
  }

  /** Another tab, another reader: whatever happens without this page. */
  change(id: number, change: Partial<Annotation>): Annotation {
    const changed = { ...this.get(id), ...change }
    this.annotations.set(id, changed)
    return changed
  }

  get(id: number): Annotation {
    const found = this.annotations.get(id)
    if (!found) throw new ApiError(404, 'There is no such annotation.')
    return found
  }

  submitted(id: number): Answers[] {
    return this.revisions.filter((one) => one.id === id && one.submitted).map((one) => one.answers)
  }

  has(id: number, answers: Answers): boolean {
    return sameAnswers(this.get(id).answers, answers)
  }
}
