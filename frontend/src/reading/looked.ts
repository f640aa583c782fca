import type { SlicePlace, ViewerImage } from '../viewer'
import { layoutOf } from './layout'
import type { OpenCase } from './open'

export interface LookedAtPlace extends SlicePlace {
  /** As the pane that shows it is named; '' where there is one alone. */
  pane: string
  /** As the pane counts its slices; null where it has one, and a name. */
  number: number | null
}

/** The slice on which the model looked most for its answer; null where there is one alone. */
export function lookedAt(open: OpenCase, slot: string): LookedAtPlace | null {
  const { case: shown, form, prediction } = open.next
  const looked = prediction?.slots[slot] && prediction.heatmaps?.[slot]
  if (!looked || framesOf(shown.images) < 2) return null
  const isOn = (image: ViewerImage): boolean => image.sop_instance_uid === looked.image
  const { panes } = layoutOf(shown, form.hanging)
  const pane = panes.find(({ images, prior }) => !prior && images.some(isOn))
  if (!pane) return null
  const { image, frame } = looked
  const single = framesOf(pane.images) < 2
  // what has neither a name nor a stack is told by its place in the case
  const counted = single ? shown.images : pane.images
  const number = framesOf(counted.slice(0, counted.findIndex(isOn))) + frame
  return { image, frame, pane: pane.label, number: single && pane.label ? null : number }
}

const framesOf = (images: readonly ViewerImage[]): number =>
  images.reduce((all, image) => all + (image.number_of_frames ?? 1), 0)
