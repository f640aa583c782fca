import { toPixel } from '../geometry/affine'
import { type CanvasPoint, pixelPoint } from '../geometry/types'
import type { Board } from './board'
import styles from './Pane.module.css'
import { brightness, nodesOf } from './voi'

const SIDE = 240
/** Over how large the image is shown. */
const TIMES = 2.5

/** A round magnifier under the pointer, drawn from the image's own pixels rather than from the screen's. */
export class Lens {
  private readonly canvas = document.createElement('canvas')

  constructor(private readonly board: Board) {
    this.canvas.className = styles.lens ?? ''
    this.canvas.dataset.testid = 'lens'
    board.root.append(this.canvas)
  }

  moveTo(at: CanvasPoint): void {
    const { affine, image, voi } = this.board.pane
    const context = this.canvas.getContext('2d')
    if (!affine || !image || !voi || !context) return
    const ratio = window.devicePixelRatio || 1
    this.canvas.width = this.canvas.height = SIDE * ratio
    const { style } = this.canvas
    style.width = style.height = `${SIDE}px`
    style.left = `${at[0] - SIDE / 2}px`
    style.top = `${at[1] - SIDE / 2}px`
    const [middleX, middleY] = toPixel(affine, at)
    const [a, b, c, d] = affine.map((value) => value * TIMES * ratio) as [
      number,
      number,
      number,
      number,
    ]
    const reach = (SIDE * ratio) / 2 / Math.min(Math.hypot(a, b), Math.hypot(c, d))
    const part = this.partAround(pixelPoint(middleX, middleY), Math.ceil(reach * Math.SQRT2))
    if (!part) return
    const half = (SIDE * ratio) / 2
    context.setTransform(
      a,
      b,
      c,
      d,
      half - a * middleX - c * middleY,
      half - b * middleX - d * middleY,
    )
    context.drawImage(part.picture, part.x, part.y)
  }

  /** The pixels round a point, as they are shown. */
  private partAround(
    [x, y]: readonly [number, number],
    reach: number,
  ): { picture: OffscreenCanvas; x: number; y: number } | null {
    const { image, voi, lowIsWhite } = this.board.pane
    if (!image || !voi) return null
    const [left, top] = [Math.max(0, Math.floor(x - reach)), Math.max(0, Math.floor(y - reach))]
    const right = Math.min(image.columns, Math.ceil(x + reach))
    const bottom = Math.min(image.rows, Math.ceil(y + reach))
    const [width, height] = [right - left, bottom - top]
    if (width <= 0 || height <= 0) return null
    const [values, nodes] = [image.getPixelData(), nodesOf(voi)]
    const data = new ImageData(width, height)
    const words = new Uint32Array(data.data.buffer)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const value = values[(top + row) * image.columns + left + column] ?? 0
        const bright = Math.round(255 * brightness(nodes, value))
        const grey = lowIsWhite ? 255 - bright : bright
        words[row * width + column] = 0xff000000 | (grey << 16) | (grey << 8) | grey
      }
    const picture = new OffscreenCanvas(width, height)
    picture.getContext('2d')?.putImageData(data, 0, 0)
    return { picture, x: left, y: top }
  }

  remove(): void {
    this.canvas.remove()
  }
}
