import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { keys } from '../api/queries'
import { getTraining } from '../api/training'
import { texts } from '../texts'

const READY_SHOWN_MS = 20_000

/** "model 2 is learning from your reads", then for a while "model 2 is ready". */
export function useModelNote(task: number): string | null {
  const { data } = useQuery({ queryKey: keys.training(task), queryFn: () => getTraining(task) })
  const [ready, setReady] = useState<number | null>(null)
  const known = useRef<number | null>(null)
  const passed = data?.runs.filter((run) => run.gate?.passed)
  // A version that the gate refused proposes nothing, so nothing is said of it.
  const newest = passed ? Math.max(0, ...passed.map((run) => run.model ?? 0)) : null

  useEffect(() => {
    if (newest === null) return
    const before = known.current
    known.current = newest
    if (before === null || newest <= before) return
    setReady(newest)
    const timer = setTimeout(() => setReady(null), READY_SHOWN_MS)
    return () => clearTimeout(timer)
  }, [newest])

  if (ready !== null) return texts.reading.ready(ready)
  const live = data?.run && (data.run.state === 'running' || data.run.state === 'queued')
  if (!live || !data) return null
  const numbers = [
    ...data.curve.map((point) => point.model),
    ...data.runs.map((run) => run.model ?? 0),
  ]
  return texts.reading.learning(Math.max(0, ...numbers) + 1)
}
