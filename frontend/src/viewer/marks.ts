import { type Affine, toCanvas } from '../geometry/affine'
import type { Edges } from '../geometry/orientation'
import type { Spacing } from '../geometry/spacing'
import type { CanvasPoint, PixelPoint } from '../geometry/types'
import styles from './Pane.module.css'
import { captionOf, handlesOf, pathOf } from './shapes'
import type { Region } from './types'

const SVG = 'http://www.w3.org/2000/svg'
const HANDLE = 5
const MARGIN = 16
/** The toolbar stands at the right edge, the readout at the lower left one. */
const BESIDE_TOOLS = 56
const ABOVE_READOUT = 40
const ABOVE_LABEL = 64

/** A region on the slice that is shown; `through` where it only reaches to it. */
export interface Mark extends Region {
  through: boolean
}

export interface Scene {
  affine: Affine
  spacing: Spacing | null
  marks: readonly Mark[]
  lines: readonly (readonly [PixelPoint, PixelPoint])[]
  edges: Edges | null
  corner: string
}

function node(name: string, attributes: Record<string, string | number>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  made.textContent = text
  return made
}

/** Made for each part of a scene, by what it looks like. */
type Parts = Map<string, SVGElement>

const drawn = new WeakMap<SVGSVGElement, Parts>()

/** Draws all that lies over the image. What looks as it did stays: of fifty boxes the one under the hand is made anew. */
export function drawMarks(svg: SVGSVGElement, scene: Scene): void {
  const before: Parts = drawn.get(svg) ?? new Map()
  const parts: Parts = new Map()
  const part = (look: readonly unknown[], make: () => SVGElement): void => {
    const key = JSON.stringify(look)
    parts.set(key, before.get(key) ?? make())
  }
  const { affine, spacing } = scene
  scene.lines.forEach((ends, at) => {
    const places = ends.map((end) => toCanvas(affine, end))
    part(['line', at, places], () => lineOf(places))
  })
  for (const mark of scene.marks) {
    const { id, shape, points, label, by, selected, through } = mark
    const look = [id, shape, points, label, by, selected, through, affine, spacing]
    part(['mark', ...look], () => groupOf(mark, scene))
  }
  for (const [name, x, y, text] of edgesOf(svg, scene.edges))
    part(['edge', name, x, y, text], () => edgeOf(name, x, y, text))
  part(['corner', scene.corner, svg.clientHeight], () => cornerOf(svg, scene.corner))
  drawn.set(svg, parts)
  arrange(svg, [...parts.values()])
}

/** Takes out and puts in only what changed: a node that is put back where it was is laid out anew. */
function arrange(svg: SVGSVGElement, wanted: readonly Element[]): void {
  const kept = new Set(wanted)
  for (const child of [...svg.children]) if (!kept.has(child)) child.remove()
  let there = svg.firstElementChild
  for (const one of wanted) {
    if (one === there) there = there.nextElementSibling
    else svg.insertBefore(one, there)
  }
}

/** Words where there is no image yet. */
export const sayOn = (svg: SVGSVGElement, text: string): void =>
  svg.replaceChildren(cornerOf(svg, text))

function lineOf([from, to]: readonly CanvasPoint[]): SVGElement {
  const [x1, y1] = from ?? [0, 0]
  const [x2, y2] = to ?? [0, 0]
  return node('line', { class: styles.line ?? '', x1, y1, x2, y2, 'data-testid': 'reference-line' })
}

function groupOf(mark: Mark, { affine, spacing }: Scene): SVGElement {
  const names = [styles[mark.by], mark.selected && styles.chosen, mark.through && styles.through]
  const group = node('g', {
    class: names.filter(Boolean).join(' '),
    'data-testid': 'region',
    'data-region': mark.id,
    'data-by': mark.by,
  })
  const caption = captionOf(mark, spacing)
  const places = handlesOf(mark).map((point) => toCanvas(affine, point))
  if (mark.shape !== 'mask') {
    const d = pathOf(mark, affine)
    group.append(
      node('path', { d, class: styles.under ?? '' }),
      node('path', { d, class: styles.over ?? '' }),
    )
    if (!mark.through)
      group.append(node('path', { d, class: styles.hit ?? '', 'data-id': mark.id }))
  }
  if (caption && places.length) group.append(nameOf(caption, places))
  if (mark.selected && !mark.through)
    places.forEach(([cx, cy], at) => {
      group.append(node('circle', { cx, cy, r: HANDLE, 'data-handle': at, 'data-of': mark.id }))
    })
  return group
}

/** Above the highest point, at the left end. */
function nameOf(caption: string, places: readonly CanvasPoint[]): SVGElement {
  const x = Math.min(...places.map(([at]) => at))
  const y = Math.min(...places.map(([, at]) => at))
  return node('text', { class: styles.name ?? '', x, y: y - 8 }, caption)
}

type EdgeLetter = readonly [edge: string, x: number, y: number, text: string]

function edgesOf(svg: SVGSVGElement, edges: Edges | null): EdgeLetter[] {
  if (!edges) return []
  const { clientWidth: width, clientHeight: height } = svg
  return [
    ['left', MARGIN, height / 2, edges.left],
    ['right', width - BESIDE_TOOLS, height / 2, edges.right],
    ['top', width / 2, MARGIN, edges.top],
    ['bottom', width / 2, height - ABOVE_LABEL, edges.bottom],
  ]
}

const edgeOf = (edge: string, x: number, y: number, text: string): SVGElement =>
  node('text', { class: styles.edge ?? '', x, y, 'data-edge': edge }, text)

/** What the pane shows and which slice, above the line that says how. */
const cornerOf = (svg: SVGSVGElement, text: string): SVGElement =>
  node(
    'text',
    {
      class: styles.corner ?? '',
      x: MARGIN,
      y: svg.clientHeight - ABOVE_READOUT,
      'data-testid': 'pane-label',
    },
    text,
  )
