import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { onChange } from '../api/events'
import { keys } from '../api/queries'
import { getTraining, type Training } from '../api/training'
import { modelNote } from './modelNote'

const READY_SHOWN_MS = 20_000

/**
 * A run tells its progress twice a second, to every reader's tab; a quiet note does not need that, and a server with
 * fifty readers would feel it. So this asks less often than the task's own page.
 */
const ASK_MS = 5_000

function useTraining(task: number): Training | undefined {
  const { data, dataUpdatedAt, refetch } = useQuery({
    queryKey: keys.note(task),
    queryFn: () => getTraining(task),
    refetchInterval: (query) => (query.state.data?.run ? ASK_MS : false),
  })
  useEffect(
    () =>
      onChange((change) => {
        const asksAgain = change !== 'resync' && change.topic === `task/${task}`
        if (asksAgain && change.what === 'job' && Date.now() - dataUpdatedAt > ASK_MS)
          void refetch()
      }),
    [task, dataUpdatedAt, refetch],
  )
  return data
}

/** "model 2 is learning from your reads", then for a while "model 2 is ready"; see modelNote. */
export function useModelNote(task: number, assisted: boolean): string | null {
  const data = useTraining(task)
  const [ready, setReady] = useState<number | null>(null)
  const known = useRef<number | null>(null)
  // A version that the gate refused proposes nothing, so nothing is said of it.
  const newest = data ? (data.current ?? 0) : null

  useEffect(() => {
    if (newest === null) return
    const before = known.current
    known.current = newest
    if (before === null) return
    if (newest <= before) return setReady(null)
    setReady(newest)
    const timer = setTimeout(() => setReady(null), READY_SHOWN_MS)
    return () => clearTimeout(timer)
  }, [newest])

  return modelNote(data, ready, assisted)
}
