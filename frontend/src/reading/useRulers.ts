import { useEffect, useState } from 'react'
import { newItemId } from '../kinds/items'
import type { DrawnRegion, Region, RegionShape, Tool } from '../viewer'
import { isElsewhere } from './useKeys'

/** No slot of a form is called so: these lines answer nothing and are forgotten with the case. */
const SLOT = '@ruler'

export type Ruler = Extract<RegionShape, 'length' | 'angle'>

interface Rulers {
  regions: readonly Region[]
  tool: Tool | null
  arm: (shape: Ruler | null) => void
  /** Each says whether it was about a ruler. */
  drawn: (region: DrawnRegion) => boolean
  edited: (id: string, points: Region['points']) => boolean
  selected: (id: string | null) => boolean
}

/** Lengths and angles that the reader takes for himself, beside what the form asks for. */
export function useRulers(annotation: number | undefined): Rulers {
  const [regions, setRegions] = useState<readonly Region[]>([])
  const [tool, setTool] = useState<Tool | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another case, other lines
  useEffect(() => {
    setRegions([])
    setTool(null)
  }, [annotation])

  useEffect(() => {
    const remove = (event: KeyboardEvent): void => {
      if (isElsewhere(event.target)) return
      if (event.key === 'Escape') setTool(null)
      if (event.key === 'Delete' || event.key === 'Backspace')
        setRegions((all) => all.filter(({ selected }) => !selected))
    }
    window.addEventListener('keydown', remove)
    return () => window.removeEventListener('keydown', remove)
  }, [])

  const has = (id: string | null): boolean => regions.some((region) => region.id === id)
  return {
    regions,
    tool,
    arm: (shape) => setTool(shape && { shape, slot: SLOT }),
    drawn: (region) => {
      if (region.slot !== SLOT) return false
      const made: Region = {
        ...region,
        id: newItemId(),
        label: '',
        by: 'reader',
        selected: false,
      }
      setRegions((all) => [...all, made])
      setTool(null)
      return true
    },
    edited: (id, points) => {
      setRegions((all) => all.map((one) => (one.id === id ? { ...one, points } : one)))
      return has(id)
    },
    selected: (id) => {
      setRegions((all) => all.map((one) => ({ ...one, selected: one.id === id })))
      return has(id)
    },
  }
}
