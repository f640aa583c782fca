import { QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { type Change, onChange } from './events'
import { ApiError } from './http'

/** The address of everything that pages fetch, so that events can say what is out of date. */
export const keys = {
  me: ['me'],
  tasks: ['tasks'],
  templates: ['templates'],
  allOf: (id: number) => ['task', id],
  task: (id: number) => ['task', id, 'about'],
  worklist: (id: number, ...state: string[]) => ['task', id, 'worklist', ...state],
  reads: (id: number, ...wanted: string[]) => ['task', id, 'reads', ...wanted],
  training: (id: number) => ['task', id, 'training'],
  startable: (id: number, ...live: number[]) => ['task', id, 'startable', ...live],
  note: (id: number) => ['task', id, 'note'],
  models: (id: number) => ['task', id, 'models'],
  card: (id: number, model: number) => ['task', id, 'models', 'card', model],
  comparison: (id: number, one: number, other: number) => ['task', id, 'compare', one, other],
  starts: (id: number) => ['task', id, 'starts'],
  history: (id: number) => ['task', id, 'models', 'history'],
  log: (id: number, run: number) => ['task', id, 'training', 'log', run],
  snapshots: (id: number) => ['task', id, 'snapshots'],
  exports: (id: number) => ['task', id, 'exports'],
  jobs: ['jobs'],
  studies: (...wanted: unknown[]) => ['studies', ...wanted],
  study: (uid: string) => ['study', uid],
  holds: (...part: string[]) => ['holds', ...part],
  uploads: (...id: number[]) => ['uploads', ...id],
  /** Not told about by events: a report is fetched when it is complete. */
  report: (id: number, outcome: string) => ['report', id, outcome],
}

const STALE_MS = 10_000

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: STALE_MS,
      retry: (failures, error) => error instanceof ApiError && error.isTransient && failures < 2,
    },
  },
})

const WHAT_CHANGES: Record<string, ((task: number) => readonly unknown[])[]> = {
  job: [keys.training, keys.starts, keys.exports, (task) => ['task', task, 'compare']],
  models: [keys.training, keys.startable, keys.starts, keys.note, keys.models, keys.snapshots],
  predictions: [(task) => keys.worklist(task)],
  cases: [
    keys.task,
    (task) => keys.worklist(task),
    (task) => keys.reads(task),
    keys.training,
    keys.startable,
    () => keys.tasks,
  ],
  export: [keys.exports, keys.snapshots],
}

function outOfDate(change: Change): (readonly unknown[])[] {
  const task = /^task\/(\d+)$/.exec(change.topic)?.[1]
  const stale: (readonly unknown[])[] = []
  if (change.what === 'job') stale.push(keys.jobs, keys.uploads())
  if (change.what === 'upload')
    stale.push(keys.uploads(), keys.studies(), ['study'], keys.holds('count'))
  if (task)
    for (const key of WHAT_CHANGES[change.what] ?? [keys.allOf]) stale.push(key(Number(task)))
  if (change.what === 'models') stale.push(keys.tasks)
  return stale
}

/** Progress events come by the dozen: what they touch is fetched again at most this often. */
const GATHER_MS = 300

/** Keeps every page live: what the server says has changed is fetched again. */
export function useLive(): void {
  const client = useQueryClient()
  useEffect(() => {
    const waiting = new Map<string, readonly unknown[]>()
    let timer: ReturnType<typeof setTimeout> | null = null
    const flush = (): void => {
      timer = null
      for (const key of waiting.values()) void client.invalidateQueries({ queryKey: key })
      waiting.clear()
    }
    const stop = onChange((change) => {
      if (change === 'resync') waiting.set('', [])
      else for (const key of outOfDate(change)) waiting.set(JSON.stringify(key), key)
      timer ??= setTimeout(flush, GATHER_MS)
    })
    return () => {
      stop()
      if (timer) clearTimeout(timer)
    }
  }, [client])
}
