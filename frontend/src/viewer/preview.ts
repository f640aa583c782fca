import { texts } from '../texts'
import { decode } from './decode'
import { coming } from './frames'
import { aboutOf } from './headers'
import type { Slice } from './slices'
import { autoWindow, brightness, nodesOf } from './voi'

/** Smaller frames come as fast as their preview would. */
const LARGE = 1 << 20
/** A quarter of the columns and rows: the first sixteenth of the codestream, with as much again to be sure of it. */
const LEVEL = 2
const SHARE = 1 / 8
const HTJ2K = new Set(['1.2.840.10008.1.2.4.201', '1.2.840.10008.1.2.4.202'])

/** A frame in few pixels from the first bytes of it that come; null where it is here as soon, or there is none. */
export async function previewOf(slice: Slice): Promise<HTMLCanvasElement | null> {
  const about = aboutOf(slice.image, slice.frame)
  const square = !about.spacing || about.spacing.row === about.spacing.column
  if (about.columns * about.rows < LARGE || !square) return null
  const first = await coming(slice.id)?.early(SHARE)
  if (!first || !HTJ2K.has(first.syntax)) return null
  const small = await decode(slice.id, first, { decodeLevel: LEVEL })
  if (small.color) return null
  const values = small.getPixelData()
  const nodes = nodesOf(about.vois[0] ?? autoWindow(values, texts.viewer.auto))
  return painted(values, small.columns, (value) => {
    const bright = brightness(nodes, value)
    return about.whiteIsLow ? 1 - bright : bright
  })
}

function painted(
  values: ArrayLike<number>,
  columns: number,
  grey: (value: number) => number,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = columns
  canvas.height = Math.floor(values.length / columns)
  const picture = new ImageData(canvas.width, canvas.height)
  const pixels = new Uint32Array(picture.data.buffer)
  for (let at = 0; at < pixels.length; at += 1)
    pixels[at] = 0xff000000 | (Math.round(255 * grey(values[at] ?? 0)) * 0x010101)
  canvas.getContext('2d')?.putImageData(picture, 0, 0)
  return canvas
}
