import type { SlicePlace } from '../viewer'
import type { OpenCase } from './open'

/** The slice on which the model looked most for its answer, and its number in its series; null where there is one alone. */
export function lookedAt(open: OpenCase, slot: string): (SlicePlace & { number: number }) | null {
  const looked = open.next.prediction?.slots[slot] && open.next.prediction.heatmaps?.[slot]
  if (!looked) return null
  const { images } = open.next.case
  const on = images.find((image) => image.sop_instance_uid === looked.image)
  const series = images.filter((image) => image.series_instance_uid === on?.series_instance_uid)
  const frames = series.reduce((all, image) => all + (image.number_of_frames ?? 1), 0)
  if (!on || (frames < 2 && images.length < 2)) return null
  const before = series.slice(0, series.indexOf(on))
  const number = before.reduce((all, image) => all + (image.number_of_frames ?? 1), looked.frame)
  return { image: looked.image, frame: looked.frame, number }
}
