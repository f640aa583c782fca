import type { Sampled } from '../../geometry/reformat'
import { brightness, nodesOf, type Voi } from '../voi'

/** How values become grey on the acquired slices, and so on their reformats. */
export interface Grey {
  voi: Voi
  lowIsWhite: boolean
}

/** Voxels as grey, one pixel each. */
export function pictureOf(
  { columns, rows, values }: Sampled,
  { voi, lowIsWhite }: Grey,
): OffscreenCanvas {
  const nodes = nodesOf(voi)
  const data = new ImageData(columns, rows)
  const words = new Uint32Array(data.data.buffer)
  values.forEach((value, at) => {
    const bright = Math.round(255 * brightness(nodes, value))
    const grey = lowIsWhite ? 255 - bright : bright
    words[at] = 0xff000000 | (grey << 16) | (grey << 8) | grey
  })
  const picture = new OffscreenCanvas(columns, rows)
  picture.getContext('2d')?.putImageData(data, 0, 0)
  return picture
}
