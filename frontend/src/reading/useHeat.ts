import { useMemo, useState } from 'react'
import type { HeatMap } from '../viewer'
import { type Heat, heatOf } from './heat'
import type { OpenCase } from './open'

/** The heat map is off until the reader asks for it, case by case: it must not lead the eye before he has looked. */
export function useHeat(open: OpenCase | null): {
  shown: Heat | null
  there: boolean
  /** What shows now. */
  toggle: () => HeatMap | null
} {
  const [asked, setAsked] = useState<number | null>(null)
  const id = open?.next.annotation.id ?? null
  const there = heatOf(open)
  const { slot } = there ?? { slot: null }
  // the same map as long as case and question are: it is fetched once
  // biome-ignore lint/correctness/useExhaustiveDependencies: `there` is another object at each rendering
  const shown = useMemo(() => (asked !== null && asked === id ? there : null), [asked, id, slot])
  return {
    shown,
    there: there !== null,
    toggle: () => {
      const map = shown ? null : (there?.map ?? null)
      setAsked(map && id)
      return map
    },
  }
}
