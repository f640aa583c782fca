import type { ComponentType } from 'react'
import type { ChoiceField } from '../api/forms'
import { MeniscusMap } from './MeniscusMap'

export interface MapProps {
  field: ChoiceField
  slot: string
  label: string
  /** The side of the case: a left knee is the mirror of a right one. */
  laterality: string
  chosen: string[]
  proposed: string[]
  keyOf: (value: string) => string
  onChoose: (value: string) => void
}

/** The drawings that a choice may be asked on; one that is not here is a plain list. */
export const MAPS: Record<string, ComponentType<MapProps>> = { meniscus: MeniscusMap }
