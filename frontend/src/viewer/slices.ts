import { frameId } from './address'
import type { SlicePlace, ViewerImage } from './types'

/** One frame of an image: what a pane shows at a time. */
export interface Slice {
  image: ViewerImage
  frame: number
  id: string
}

export const slicesOf = (images: readonly ViewerImage[]): Slice[] =>
  images.flatMap((image) =>
    framesOf(image).map((frame) => ({ image, frame, id: frameId(image, frame) })),
  )

const framesOf = ({ frame, number_of_frames: all = 1 }: ViewerImage): number[] =>
  frame === undefined ? Array.from({ length: all }, (_, at) => at + 1) : [frame]

/** A stack of slices opens in its middle, a handful of radiographs with the first. */
export const firstShown = (slices: number): number => (slices > 8 ? slices >> 1 : 0)

export const isAt = (slice: Slice, { image, frame }: SlicePlace): boolean =>
  slice.image.sop_instance_uid === image && slice.frame === frame

/** All of them, from the one at `from` outwards: the order in which they are wanted. */
export function outwards<T>(all: readonly T[], from: number): T[] {
  return all
    .map((one, at) => ({ one, away: Math.abs(at - from) }))
    .sort((a, b) => a.away - b.away)
    .map(({ one }) => one)
}

export function grouped<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one])
  return groups
}
