import type { Volume } from '../../geometry/volume'
import { loadPixels } from '../images'
import type { Slice } from '../slices'

const AT_ONCE = 4
/** What a volume may take beside the slices themselves. */
export const MOST_BYTES = 384 * 1024 * 1024

type Values = Uint8Array | Int8Array | Uint16Array | Int16Array | Float32Array

export const countOf = ({ size }: Volume): number => size[0] * size[1] * size[2]

/**
 * The values of all slices, row by row and slice by slice in the volume's order; `told` after each few of them. Null
 * once `signal` is aborted. Rejects with a sentence when a slice cannot be had.
 */
export async function voxelsOf(
  slices: readonly Slice[],
  volume: Volume,
  told: (loaded: number) => void,
  signal: AbortSignal,
): Promise<Values | null> {
  const each = volume.size[0] * volume.size[1]
  let voxels: Values | null = null
  for (let from = 0; from < slices.length; from += AT_ONCE) {
    const some = volume.order.slice(from, from + AT_ONCE).flatMap((at) => slices[at] ?? [])
    const images = await Promise.all(some.map(loadPixels))
    if (signal.aborted) return null
    images.forEach((image, at) => {
      const values = image.getPixelData() as Values
      voxels = roomFor(voxels, values, countOf(volume))
      voxels.set(values.subarray(0, each), (from + at) * each)
    })
    told(Math.min(slices.length, from + AT_ONCE))
  }
  return voxels
}

/** Of the slices' own type, while they are of one: it is half of what numbers with fractions take. */
function roomFor(voxels: Values | null, values: Values, count: number): Values {
  const Type = values.constructor as new (count: number) => Values
  if (!voxels) return new Type(count)
  return voxels instanceof Type || voxels instanceof Float32Array
    ? voxels
    : Float32Array.from(voxels)
}
