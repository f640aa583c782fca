import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { AnswerBody } from '../api/reading'
import { sameText, type Text, textOf } from './text'

/** Why a draft stayed on this machine. */
export type Why = 'closed' | 'unreachable' | 'signedOut' | 'leaseLost' | 'refused' | 'conflict'

/** What stands on the page and perhaps not yet on the server. */
export interface KeptDraft extends Text {
  task: number
  annotation: number
  /** The version of the server that it changes. */
  version: number
  /** Texts that were sent and whose answers never came: the server may have one of them. */
  sent: Text[]
  /** Other texts of the same case from tabs that are gone. */
  older: readonly Text[]
  why: Why
  at: number
}

/** A finished read (or a skip) on its way to the server. Key and body stay together for ever. */
export interface Parcel {
  task: number
  annotation: number
  kind: 'submit' | 'amend' | 'skip'
  key: string
  name: string
  body: AnswerBody | (AnswerBody & { reason: string }) | { reason: string }
  /** Drafts that the server may have although it never said so. */
  sent: Text[]
}

interface Shelves extends DBSchema {
  drafts: { key: [number, number, string]; value: KeptDraft & { user: number; tab: string } }
  parcels: { key: [number, string]; value: Parcel & { user: number } }
}

const NAME = 'osteon'
const VERSION = 1

/**
 * What must outlive the tab, in IndexedDB: one entry a tab and case, so that two tabs never overwrite each other's.
 * Storage may be full or forbidden; then the memory of the tab is all there is.
 */
export class Kept {
  private readonly opened: Promise<IDBPDatabase<Shelves> | null>

  constructor(
    readonly user: number,
    private readonly tab: string,
  ) {
    this.opened = openDB<Shelves>(NAME, VERSION, {
      upgrade(database) {
        database.createObjectStore('drafts', { keyPath: ['user', 'annotation', 'tab'] })
        database.createObjectStore('parcels', { keyPath: ['user', 'key'] })
      },
    }).catch(() => null)
  }

  /** Quota or policy: the page says "saved" by the server's word alone, so nothing is promised here. */
  private async on<Found>(
    act: (database: IDBPDatabase<Shelves>) => Promise<Found>,
    otherwise: Found,
  ): Promise<Found> {
    const database = await this.opened
    if (!database) return otherwise
    return act(database).catch(() => otherwise)
  }

  keepDraft(draft: KeptDraft): Promise<void> {
    const { user, tab } = this
    return this.on(
      async (shelves) => void (await shelves.put('drafts', { ...draft, user, tab })),
      undefined,
    )
  }

  /** This tab's text of a case, made of what all tabs that are gone left of it: the newest, the others beside it. */
  async adoptDraft(annotation: number): Promise<KeptDraft | null> {
    const found = await this.on((shelves) => shelves.getAll('drafts', this.range(annotation)), [])
    const [newest, ...others] = found.sort((one, other) => other.at - one.at)
    if (!newest) return null
    const { user: _user, tab: _tab, ...draft } = newest
    const left = others.reverse().flatMap((one) => [...one.older, textOf(one)])
    const adopted = { ...draft, older: distinct([...left, ...draft.older], draft) }
    if (others.length > 0 || newest.tab !== this.tab) {
      await this.keepDraft(adopted)
      for (const { tab } of found) if (tab !== this.tab) await this.drop(annotation, tab)
    }
    return adopted
  }

  /** Cases of a task of which a text is kept. */
  async draftsOf(task: number): Promise<number[]> {
    const found = await this.on((shelves) => shelves.getAll('drafts', this.range()), [])
    return [...new Set(found.filter((one) => one.task === task).map((one) => one.annotation))]
  }

  /** This tab's own; another tab's text is not this one's to drop. */
  dropDraft(annotation: number): Promise<void> {
    return this.drop(annotation, this.tab)
  }

  private drop(annotation: number, tab: string): Promise<void> {
    return this.on((shelves) => shelves.delete('drafts', [this.user, annotation, tab]), undefined)
  }

  private range(annotation?: number): IDBKeyRange {
    const from = annotation === undefined ? [this.user] : [this.user, annotation]
    // an array is above every number and text: all that begins like this
    return IDBKeyRange.bound(from, [...from, []])
  }

  keepParcel(parcel: Parcel): Promise<void> {
    const { user } = this
    return this.on(
      async (shelves) => void (await shelves.put('parcels', { ...parcel, user })),
      undefined,
    )
  }

  dropParcel(key: string): Promise<void> {
    return this.on((shelves) => shelves.delete('parcels', [this.user, key]), undefined)
  }

  async parcels(task: number): Promise<Parcel[]> {
    const found = await this.on((shelves) => shelves.getAll('parcels', this.range()), [])
    return found.filter((one) => one.task === task).map(({ user: _user, ...parcel }) => parcel)
  }
}

/** Each text once, and none that says what `newest` says. */
const distinct = (older: readonly Text[], newest: Text): Text[] =>
  older.filter(
    (text, at) =>
      !sameText(text, newest) && older.findIndex((other) => sameText(other, text)) === at,
  )
