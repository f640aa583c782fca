import type { Affine } from '../geometry/affine'
import { pixelsOf } from '../geometry/regions'

/** Colours of masks and heat maps over the image: red, green, blue. */
const COLOURS = { reader: [63, 196, 179], model: [240, 174, 47] } as const
const MASK_ALPHA = 90
const HEAT_ALPHA = 0.6
/** How long to wait before asking again for a heat map, and how often. */
const DRAWN_MS = 300
const DRAWN_MOST = 60

export interface Layer {
  picture: CanvasImageSource
  /** The frame that it covers, in pixels. */
  columns: number
  rows: number
}

/** The reader may take the model's mask as it is: the same runs, and another picture. */
const masks = {
  reader: new WeakMap<readonly number[], Layer>(),
  model: new WeakMap<readonly number[], Layer>(),
} as const

/** A mask as a picture, made once for each list of runs and whose it is. */
export function maskLayer(
  runs: readonly number[],
  columns: number,
  rows: number,
  by: 'reader' | 'model',
): Layer {
  const known = masks[by].get(runs)
  if (known) return known
  const layer = {
    picture: coloured(pixelsOf(runs, columns * rows), columns, rows, by),
    columns,
    rows,
  }
  masks[by].set(runs, layer)
  return layer
}

/** `pixels` of 1 and 0 as see-through colour; the model's in stripes, as its lines are dashed. */
export function coloured(
  pixels: Uint8Array,
  columns: number,
  rows: number,
  by: 'reader' | 'model',
): OffscreenCanvas {
  const picture = new OffscreenCanvas(columns, rows)
  const data = new ImageData(columns, rows)
  const words = new Uint32Array(data.data.buffer)
  const [red, green, blue] = COLOURS[by]
  const word = (MASK_ALPHA << 24) | (blue << 16) | (green << 8) | red
  const stripe = Math.max(2, columns >> 7)
  pixels.forEach((set, at) => {
    const along = (at % columns) + Math.floor(at / columns)
    if (set && (by === 'reader' || Math.floor(along / stripe) % 2 === 0)) words[at] = word
  })
  picture.getContext('2d')?.putImageData(data, 0, 0)
  return picture
}

/** A map is drawn when it is first asked for; until then the server answers 202. */
async function drawn(url: string): Promise<Response> {
  for (let asked = 0; asked < DRAWN_MOST; asked += 1) {
    const answer = await fetch(url)
    if (!answer.ok) throw answer
    if (answer.status !== 202) return answer
    await new Promise((resolve) => setTimeout(resolve, DRAWN_MS))
  }
  throw new Error('the heat map was not drawn')
}

/** A heat map's brightness becomes how much of the model's colour lies over the image. */
export async function heatLayer(url: string, columns: number, rows: number): Promise<Layer> {
  const answer = await drawn(url)
  const bitmap = await createImageBitmap(await answer.blob())
  const picture = new OffscreenCanvas(bitmap.width, bitmap.height)
  const context = picture.getContext('2d')
  if (!context) throw new Error('no canvas')
  context.drawImage(bitmap, 0, 0)
  const data = context.getImageData(0, 0, bitmap.width, bitmap.height)
  for (let at = 0; at < data.data.length; at += 4) {
    const weight = data.data[at] ?? 0
    data.data.set([...COLOURS.model, weight * HEAT_ALPHA], at)
  }
  context.putImageData(data, 0, 0)
  return { picture, columns, rows }
}

/** Draws the layers as the image lies on the screen. An empty canvas stays empty and out of the frame. */
export function paint(canvas: HTMLCanvasElement, affine: Affine, layers: readonly Layer[]): void {
  const empty = layers.length === 0 ? 'hidden' : ''
  if (empty && canvas.style.visibility === empty) return
  canvas.style.visibility = empty
  const context = canvas.getContext('2d')
  if (!context) return
  const ratio = window.devicePixelRatio || 1
  const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio]
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  context.resetTransform()
  context.clearRect(0, 0, canvas.width, canvas.height)
  context.setTransform(...(affine.map((value) => value * ratio) as unknown as Affine))
  for (const { picture, columns, rows } of layers) context.drawImage(picture, 0, 0, columns, rows)
}
