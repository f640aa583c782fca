import type { Affine } from '../../geometry/affine'
import { toPixel } from '../../geometry/affine'
import { edges, lettersOf } from '../../geometry/orientation'
import {
  directionOf,
  inVolume,
  onReformat,
  type Reformat,
  sampled,
  sliceAt,
  type VoxelPoint,
} from '../../geometry/reformat'
import { canvasPoint, type PixelPoint, pixelPoint } from '../../geometry/types'
import type { Volume } from '../../geometry/volume'
import { texts } from '../../texts'
import { drawMarks } from '../marks'
import styles from '../Pane.module.css'
import { type Grey, pictureOf } from './picture'

/** A pane for one reformat: a picture of voxels in true millimetres, its letters, and where the other planes cut it. */
export class Cut {
  readonly root = document.createElement('div')
  private readonly canvas = document.createElement('canvas')
  private readonly svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  /** CSS pixels per millimetre; 0: the whole picture, as large as the pane has room for. */
  private scale = 0
  private shift: readonly [x: number, y: number] = [0, 0]
  /** Each voxel as it is, none mixed with its neighbours. */
  private plain = false
  private picture: (Grey & { index: number; canvas: OffscreenCanvas }) | null = null

  constructor(
    host: HTMLElement,
    readonly volume: Volume,
    readonly reformat: Reformat,
  ) {
    this.root.className = styles.pane ?? ''
    this.root.dataset.testid = 'reformat'
    this.root.dataset.plane = reformat.plane
    this.canvas.className = styles.paint ?? ''
    this.svg.setAttribute('class', styles.marks ?? '')
    this.root.append(this.canvas, this.svg)
    host.append(this.root)
  }

  private get millimetres(): readonly [x: number, y: number] {
    const { right, down } = this.reformat
    return [this.volume.spacing[right.axis], this.volume.spacing[down.axis]]
  }

  private get voxels(): readonly [columns: number, rows: number] {
    const { right, down } = this.reformat
    return [this.volume.size[right.axis], this.volume.size[down.axis]]
  }

  private get fitted(): number {
    const [[columns, rows], [x, y]] = [this.voxels, this.millimetres]
    const { clientWidth, clientHeight } = this.root
    return Math.min(clientWidth / (columns * x), clientHeight / (rows * y))
  }

  private get affine(): Affine {
    const [[columns, rows], [x, y]] = [this.voxels, this.millimetres]
    const scale = this.scale || this.fitted
    const { clientWidth, clientHeight } = this.root
    const left = (clientWidth - columns * x * scale) / 2 + this.shift[0]
    const top = (clientHeight - rows * y * scale) / 2 + this.shift[1]
    if (!this.plain) return [x * scale, 0, 0, y * scale, left, top]
    return [x * scale, 0, 0, y * scale, Math.round(left), Math.round(top)]
  }

  /** Draws the slice that holds `at`. `note`: what is told instead of the number of the slice. */
  draw(values: ArrayLike<number> | null, grey: Grey | null, at: VoxelPoint, note: string): void {
    const { affine, volume, reformat } = this
    const index = sliceAt(volume, reformat.through, at)
    this.root.dataset.affine = affine.join(' ') // for browser tests: where each voxel is drawn
    this.root.dataset.slice = String(index)
    this.paint(values && grey && this.pictured(values, grey, index), affine)
    const [x, y] = onReformat(volume, reformat, at)
    const [columns, rows] = this.voxels
    const letters = [reformat.right, reformat.down].map((one) =>
      lettersOf(directionOf(volume, one)),
    )
    drawMarks(this.svg, {
      affine,
      spacing: null,
      marks: [],
      lines: [
        [pixelPoint(x, 0), pixelPoint(x, rows)],
        [pixelPoint(0, y), pixelPoint(columns, y)],
      ],
      edges: edges(letters[0] ?? '', letters[1] ?? '', affine),
      corner: [
        texts.viewer.reformat.label(texts.viewer.planes[reformat.plane]),
        note || `${index + 1} / ${volume.size[reformat.through]}`,
      ].join('   '),
    })
  }

  private pictured(values: ArrayLike<number>, grey: Grey, index: number): OffscreenCanvas {
    const { picture } = this
    const same = picture?.index === index && picture.voi === grey.voi
    if (same && picture.lowIsWhite === grey.lowIsWhite) return picture.canvas
    const canvas = pictureOf(sampled(values, this.volume, this.reformat, index), grey)
    this.picture = { ...grey, index, canvas }
    return canvas
  }

  private paint(picture: OffscreenCanvas | null, affine: Affine): void {
    const context = this.canvas.getContext('2d')
    if (!context) return
    const ratio = window.devicePixelRatio || 1
    this.canvas.width = this.root.clientWidth * ratio
    this.canvas.height = this.root.clientHeight * ratio
    if (!picture) return
    context.imageSmoothingEnabled = !this.plain
    context.setTransform(...(affine.map((value) => value * ratio) as unknown as Affine))
    context.drawImage(picture, 0, 0)
  }

  pointAt(event: MouseEvent): PixelPoint {
    const { left, top } = this.root.getBoundingClientRect()
    return toPixel(this.affine, canvasPoint(event.clientX - left, event.clientY - top))
  }

  /** The place of the volume under the pointer, on the slice that shows `from`. */
  placeAt(event: MouseEvent, from: VoxelPoint): VoxelPoint {
    const [x, y] = this.pointAt(event)
    return inVolume(this.volume, this.reformat, from, [x, y])
  }

  fit(): void {
    this.scale = 0
    this.shift = [0, 0]
    this.plain = false
  }

  /** The smaller side of a voxel on one screen pixel, the larger as many as it is longer. */
  oneToOne(): void {
    this.scale = 1 / (Math.min(...this.millimetres) * (window.devicePixelRatio || 1))
    this.plain = true
  }

  zoomBy(factor: number): void {
    this.scale = (this.scale || this.fitted) * factor
    this.shift = [this.shift[0] * factor, this.shift[1] * factor]
    this.plain = false
  }

  panBy(x: number, y: number): void {
    this.shift = [this.shift[0] + x, this.shift[1] + y]
  }

  destroy(): void {
    this.picture = null
    this.canvas.width = this.canvas.height = 0
    this.root.remove()
  }
}
