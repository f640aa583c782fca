import { useEffect, useState, useSyncExternalStore } from 'react'
import { onChange } from '../api/events'
import { ApiError } from '../api/http'
import { type NextCase, predictCase, predictionNow } from '../api/reading'
import { askFirst, loadViewer } from '../viewer'
import { ActiveTime } from './activeTime'
import { Kept } from './kept'
import { Late } from './late'
import { layoutOf } from './layout'
import { newKey, ServerOf } from './port'
import { imagesOf } from './priors'
import type { Locks } from './seats'
import { ReadingSession } from './session'
import type { ReadingState } from './state'
import { TabLocks } from './tabLocks'

const HEARTBEAT_MS = 30_000
/** After this long without a sign of the reader, a held case may go to somebody else. */
const AWAY_MS = 15 * 60_000

/** Decoded while the reader looks at the case before; a failure shows when the case comes to hand. */
function prefetch(next: NextCase): void {
  loadViewer()
    .then((viewer) => viewer.prefetch(imagesOf(next.case)))
    .catch(() => undefined)
}

/** The pixels of a case that comes to hand start on their way before anything is made of it. */
const sentFor = <Found extends NextCase | null>(found: Found): Found => {
  if (found) askFirst(layoutOf(found.case, found.form.hanging))
  return found
}

let own: TabLocks | null = null

/** One for the page, as the browser's own are. */
function locksOf({ locks }: { locks?: Locks }): Locks {
  if (locks) return locks
  own ??= new TabLocks()
  return own
}

class Clockwork {
  active = new ActiveTime(performance.now())
  lastSign = Date.now()
  readonly session: ReadingSession
  private readonly server: ServerOf
  private readonly late = new Late({
    predict: (caseId) => predictCase(caseId).then(({ job }) => job?.id ?? null),
    prediction: (...of) => predictionNow(...of).then(({ prediction }) => prediction),
    current: () => this.session.snapshot().current,
    offer: (...of) => this.session.offer(...of),
  })

  constructor(task: number, user: number, only: number | null) {
    this.server = new ServerOf(user, (signedOut) => this.session.signedOut(signedOut))
    const { next, read, save, send, heartbeat } = this.server
    this.session = new ReadingSession(
      task,
      {
        ...{ save, send, heartbeat, newKey, prefetch },
        next: (...of) => next(...of).then(sentFor),
        read: (annotation) => read(annotation).then(sentFor),
        begun: (open) => {
          this.active = new ActiveTime(
            performance.now(),
            open.next.annotation.active_seconds,
            document.visibilityState === 'visible',
          )
        },
        locks: locksOf(navigator),
        activeSeconds: () => this.active.seconds(performance.now()),
      },
      new Kept(user, newKey()),
      only,
    )
  }

  private readonly sign = (): void => {
    const wasAway = Date.now() - this.lastSign > AWAY_MS
    this.lastSign = Date.now()
    this.active.sign(performance.now())
    if (wasAway) this.beat()
  }

  private readonly visibility = (): void => {
    if (document.visibilityState === 'visible') {
      this.active.visible(performance.now())
      this.server.doubt()
      this.beat()
    } else this.active.hidden(performance.now())
  }

  private readonly leaving = (event: BeforeUnloadEvent): void => {
    const { unsent, current } = this.session.snapshot()
    if (unsent > 0 || current?.save === 'failed') event.preventDefault()
  }

  /** Holds the open cases; a hold that is lost is told at once. */
  private readonly beat = (): void => {
    const { current, ahead, aside } = this.session.snapshot()
    for (const open of [current, ahead, ...aside]) {
      if (open?.next.annotation.state !== 'draft') continue
      const { id } = open.next.annotation
      this.server.heartbeat(id).then(
        () => this.session.leased(id, false),
        (error: unknown) => {
          if (error instanceof ApiError && error.code === 'lease_lost')
            this.session.leased(id, true)
        },
      )
    }
  }

  run(task: number): () => void {
    const signs = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const
    for (const name of signs) window.addEventListener(name, this.sign, { passive: true })
    document.addEventListener('visibilitychange', this.visibility)
    window.addEventListener('online', this.beat)
    window.addEventListener('beforeunload', this.leaving)
    const timer = setInterval(() => {
      if (Date.now() - this.lastSign < AWAY_MS) this.beat()
    }, HEARTBEAT_MS)
    const deaf = onChange((change) => {
      if (change === 'resync') {
        void this.session.refreshAhead()
        this.late.again()
      } else if (change.topic !== `task/${task}`) return
      else if (change.what === 'job') this.late.jobChanged(change.id)
      else if (change.what === 'models') this.late.again()
      else if (change.what === 'predictions') void this.session.refreshAhead()
      else if (change.what === 'cases') void this.session.casesChanged()
    })
    const unwatched = this.session.subscribe(() => this.late.look())
    void this.session.start()
    return () => {
      for (const name of signs) window.removeEventListener(name, this.sign)
      document.removeEventListener('visibilitychange', this.visibility)
      window.removeEventListener('online', this.beat)
      window.removeEventListener('beforeunload', this.leaving)
      clearInterval(timer)
      deaf()
      unwatched()
      this.session.stop()
    }
  }
}

/** `only`: one of the reader's own annotations, opened again, instead of the worklist. */
export function useSession(
  task: number,
  user: number,
  only: number | null,
): { session: ReadingSession; state: ReadingState } {
  const [clockwork] = useState(() => new Clockwork(task, user, only))
  useEffect(() => clockwork.run(task), [clockwork, task])
  const { session } = clockwork
  return { session, state: useSyncExternalStore(session.subscribe, session.snapshot) }
}
