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

/** Draws all that lies over the image. It is made anew each time: some hundred elements take a millisecond or two. */
export function drawMarks(svg: SVGSVGElement, scene: Scene): void {
  const { affine, marks, lines } = scene
  svg.replaceChildren(
    ...lines.map((ends) => lineOf(ends.map((end) => toCanvas(affine, end)))),
    ...marks.map((mark) => groupOf(mark, scene)),
    ...edgesOf(svg, scene.edges),
    cornerOf(svg, scene.corner),
  )
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

function edgesOf(svg: SVGSVGElement, edges: Edges | null): SVGElement[] {
  if (!edges) return []
  const { clientWidth: width, clientHeight: height } = svg
  const at = (x: number, y: number, text: string, edge: string): SVGElement =>
    node('text', { class: styles.edge ?? '', x, y, 'data-edge': edge }, text)
  return [
    at(MARGIN, height / 2, edges.left, 'left'),
    at(width - BESIDE_TOOLS, height / 2, edges.right, 'right'),
    at(width / 2, MARGIN, edges.top, 'top'),
    at(width / 2, height - ABOVE_LABEL, edges.bottom, 'bottom'),
  ]
}

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
