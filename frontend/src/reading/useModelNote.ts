import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { keys } from '../api/queries'
import { getTraining } from '../api/training'
import { modelNote } from './modelNote'

const READY_SHOWN_MS = 20_000

/** "model 2 is learning from your reads", then for a while "model 2 is ready"; see modelNote. */
export function useModelNote(task: number, assisted: boolean): string | null {
  const { data } = useQuery({ queryKey: keys.training(task), queryFn: () => getTraining(task) })
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
