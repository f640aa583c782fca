import type { RenderingEngine } from '@cornerstonejs/core'
import { type Affine, toCanvas, toPixel } from '../geometry/affine'
import { edges } from '../geometry/orientation'
import { canvasPoint, type PixelPoint } from '../geometry/types'
import { texts } from '../texts'
import type { Sheet, Sketch } from './drawing'
import { drawMarks, type Mark, sayOn } from './marks'
import styles from './Pane.module.css'
import { coloured, type Layer, maskLayer, paint } from './paint'
import { StackPane } from './pane'
import { isAt, type Slice } from './slices'
import type { Region } from './types'

/** What the room knows and every board draws. */
export interface Scenery {
  regions: () => readonly Region[]
  modelHidden: () => boolean
  /** The heat map over this slice, if one was loaded. */
  heat: (slice: Slice) => Layer | null
  /** Where the active pane's slice cuts this board's. */
  lines: (board: Board) => readonly (readonly [PixelPoint, PixelPoint])[]
}

const append = <E extends Element>(parent: Element, child: E, name: string | undefined): E => {
  child.setAttribute('class', name ?? '')
  parent.append(child)
  return child
}

/** A pane with what lies over its image: marks, masks, heat map, letters at the edges. */
export class Board implements Sheet {
  readonly root: HTMLDivElement
  readonly svg: SVGSVGElement
  readonly pane: StackPane
  label = ''
  /** Of an earlier study: nothing is drawn on it. */
  prior = false
  /** Drawn on top: a shape that is not finished, a mask that is still wet, a region under the hand. */
  sketch: Sketch | null = null
  wet: Uint8Array | null = null
  dragged: { id: string; points: readonly PixelPoint[] } | null = null
  private readonly canvas: HTMLCanvasElement
  /** Before the image while it is on its way: what lies under it is of the case before. */
  private readonly curtain: HTMLDivElement
  /** In place of a slice that cannot be shown: what lies under it is another. */
  private readonly gap: HTMLParagraphElement
  private affine: Affine | null = null
  /** The frame that will draw what the hand did last; 0: none is asked for. */
  private frame = 0

  constructor(
    host: HTMLElement,
    engine: RenderingEngine,
    id: string,
    private readonly scenery: Scenery,
    told: {
      rendered: (board: Board) => void
      failed: (sentence: string) => void
      lost: (board: Board, slice: Slice, sentence: string) => void
    },
  ) {
    this.root = append(host, document.createElement('div'), styles.pane)
    this.root.dataset.testid = 'pane'
    const image = append(this.root, document.createElement('div'), styles.image)
    this.canvas = append(this.root, document.createElement('canvas'), styles.paint)
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    this.svg = append(this.root, svg, styles.marks)
    this.svg.dataset.testid = 'marks'
    this.curtain = append(this.root, document.createElement('div'), styles.curtain)
    this.curtain.hidden = true
    this.gap = append(this.root, document.createElement('p'), styles.gap)
    this.gap.dataset.testid = 'gap'
    const rendered = (): void => {
      this.curtain.hidden = true
      this.refresh()
      told.rendered(this)
    }
    this.pane = new StackPane(engine, id, image, rendered, told.failed, (slice, sentence) => {
      this.refresh()
      told.lost(this, slice, sentence)
    })
  }

  close(): void {
    this.curtain.replaceChildren()
    this.curtain.hidden = false
  }

  /** Shows a picture until the image itself comes; false where that is there already. */
  preview(picture: HTMLCanvasElement): boolean {
    this.curtain.replaceChildren(picture)
    return !this.curtain.hidden
  }

  get shown(): string {
    return this.pane.slice?.id ?? ''
  }

  get columns(): number {
    return this.pane.about?.columns ?? 0
  }

  get rows(): number {
    return this.pane.about?.rows ?? 0
  }

  pixelAt(event: PointerEvent): PixelPoint {
    return toPixel(this.affine ?? [1, 0, 0, 1, 0, 0], this.pointAt(event))
  }

  pointAt(event: MouseEvent): ReturnType<typeof canvasPoint> {
    const { left, top } = this.root.getBoundingClientRect()
    return canvasPoint(event.clientX - left, event.clientY - top)
  }

  canvasAt(point: PixelPoint): readonly [number, number] {
    return toCanvas(this.affine ?? [1, 0, 0, 1, 0, 0], point)
  }

  /** With the next frame, however often the hand moves before it. */
  refreshSoon(): void {
    this.frame ||= requestAnimationFrame(() => this.refresh())
  }

  /** Brings what lies over the image up to date. */
  refresh(): void {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    const { affine, about, slice, gap, index, slices } = this.pane
    this.gap.hidden = !gap
    this.gap.textContent = gap && texts.viewer.gap(index + 1, slices.length, gap)
    this.affine = affine
    if (!affine || !about || !slice) return
    this.root.dataset.affine = affine.join(' ') // for browser tests: where each pixel is drawn
    const marks = this.marksOn(slice)
    const count = this.pane.slices.length
    const at = count > 1 && this.label ? `${this.pane.slices.indexOf(slice) + 1} / ${count}` : ''
    drawMarks(this.svg, {
      affine,
      spacing: about.spacing,
      marks: [...marks, ...this.sketched()],
      lines: this.scenery.lines(this),
      edges: about.along && edges(about.along[0], about.along[1], affine),
      corner: [this.label, at].filter(Boolean).join('   '),
    })
    paint(this.canvas, affine, this.layers(slice, marks))
  }

  /** Covers what the pane showed before, until its own image is there. */
  wait(sentence: string): void {
    this.root.toggleAttribute('data-waiting', true)
    this.pane.forget()
    sayOn(this.svg, [this.label, sentence].filter(Boolean).join('   '))
  }

  uncover(): void {
    this.root.toggleAttribute('data-waiting', false)
    this.refresh()
  }

  private marksOn(slice: Slice): Mark[] {
    const modelHidden = this.scenery.modelHidden()
    return this.scenery.regions().flatMap((region): Mark[] => {
      if (modelHidden && region.by === 'model') return []
      const own = isAt(slice, region)
      if (!own && !this.reaches(region, slice)) return []
      const points = this.dragged?.id === region.id ? this.dragged.points : region.points
      return [{ ...region, points, through: !own }]
    })
  }

  private reaches({ extent }: Region, slice: Slice): boolean {
    if (!extent) return false
    const { slices } = this.pane
    const ends = [extent.first, extent.last].map((end) => slices.findIndex((one) => isAt(one, end)))
    const at = slices.indexOf(slice)
    return !ends.includes(-1) && at >= Math.min(...ends) && at <= Math.max(...ends)
  }

  private sketched(): Mark[] {
    if (!this.sketch || !this.pane.slice || this.sketch.on !== this.shown) return []
    const { tool, points } = this.sketch
    const { image, frame } = this.pane.slice
    const place = { image: image.sop_instance_uid, frame }
    const rest = { id: '', label: '', by: 'reader', selected: false, through: false } as const
    return [{ ...place, ...rest, ...tool, points }]
  }

  private layers(slice: Slice, marks: readonly Mark[]): Layer[] {
    const { columns, rows } = this
    const heat = this.scenery.modelHidden() ? null : this.scenery.heat(slice)
    const masks = marks.flatMap(({ runs, by, selected }) =>
      runs && !(this.wet && selected) ? [maskLayer(runs, columns, rows, by)] : [],
    )
    const wet = this.wet && { picture: coloured(this.wet, columns, rows, 'reader'), columns, rows }
    return [...(heat ? [heat] : []), ...masks, ...(wet ? [wet] : [])]
  }

  destroy(): void {
    cancelAnimationFrame(this.frame)
    this.pane.destroy()
    this.root.remove()
  }
}
