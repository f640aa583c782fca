import { slotsOf } from '../kinds/slots'
import type { HeatMap } from '../viewer'
import type { OpenCase } from './open'

export interface Heat {
  map: HeatMap
  /** The question that it is of. */
  slot: string
  label: string
  /** The number of the model. */
  model: number
}

/** Where the model looked: for the question that has the keys, else for the first of which it says so. */
export function heatOf(open: OpenCase | null): Heat | null {
  const prediction = open?.next.prediction
  const maps = prediction?.heatmaps ?? {}
  const told = open ? slotsOf(open.next.form).filter(({ slot }) => maps[slot]) : []
  const at = told.find(({ slot }) => slot === open?.activeSlot) ?? told[0]
  const map = at && maps[at.slot]
  if (!prediction || !at || !map || !isOf(open, map)) return null
  return { map, slot: at.slot, label: at.label, model: prediction.model.number }
}

const isOf = (open: OpenCase, map: HeatMap): boolean =>
  open.next.case.images.some((image) => image.sop_instance_uid === map.image)
