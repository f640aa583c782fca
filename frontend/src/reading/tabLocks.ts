import { newKey } from './port'
import type { Locks } from './seats'

const CHANNEL = 'osteon.locks'
/** Who has a lock answers sooner, unless its tab is put to sleep. */
const ANSWER_MS = 300

/** Who asked for a lock, or took it, and since when. */
interface Claim {
  name: string
  at: number
  by: string
}

type Told = { asks: Claim } | { refuses: Claim } | { takes: Claim }

interface Own extends Claim {
  held: boolean
  /** Another has it: what is asked for is not to be had, and what is held is lost. */
  yields: () => void
}

const earlier = (one: Claim, other: Claim): boolean =>
  one.at === other.at ? one.by < other.by : one.at < other.at

/**
 * The locks of a browser that grants none, as at plain http addresses other than localhost: a tab asks the others, and
 * who has the lock says so. A tab that died says nothing and has nothing.
 */
export class TabLocks implements Locks {
  private readonly channel = new BroadcastChannel(CHANNEL)
  private readonly own = new Map<string, Own>()

  constructor() {
    this.channel.onmessage = ({ data }: MessageEvent<Told>) => this.hear(data)
  }

  readonly request = (async (
    name: string,
    { steal = false }: LockOptions,
    act: LockGrantedCallback<void>,
  ) => {
    const before = this.own.get(name)
    if (before && !steal) return act(null)
    const claim: Claim = { name, at: Date.now(), by: newKey() }
    const own: Own = { ...claim, held: false, yields: () => undefined }
    this.own.set(name, own)
    try {
      before?.yields()
      if (steal) this.tell({ takes: claim })
      else if (!(await this.isFree(claim, own))) return await act(null)
      own.held = true
      const lost = new Promise<never>((_, lose) => {
        own.yields = () => lose(new Error(`${name} was taken over`))
      })
      return await Promise.race([act({ name, mode: 'exclusive' }), lost])
    } finally {
      if (this.own.get(name) === own) this.own.delete(name)
    }
  }) as Locks['request']

  private isFree(claim: Claim, own: Own): Promise<boolean> {
    return new Promise((resolve) => {
      own.yields = () => resolve(false)
      setTimeout(() => resolve(true), ANSWER_MS)
      this.tell({ asks: claim })
    })
  }

  private tell(told: Told): void {
    this.channel.postMessage(told)
  }

  private hear(told: Told): void {
    if ('asks' in told) {
      const own = this.own.get(told.asks.name)
      if (own && (own.held || earlier(own, told.asks))) this.tell({ refuses: told.asks })
    } else if ('refuses' in told) {
      const own = this.own.get(told.refuses.name)
      if (own?.by === told.refuses.by) own.yields()
    } else this.own.get(told.takes.name)?.yields()
  }

  close(): void {
    this.channel.close()
  }
}
