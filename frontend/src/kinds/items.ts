import type {
  Answer,
  AnswerValue,
  Field,
  Item,
  Point,
  RegionField,
  ScalarField,
} from '../api/forms'
import { type PixelPoint, pixelPoint } from '../geometry/types'
import type { DrawnRegion, RegionShape } from '../viewer'

/** What a list of regions lets its reader do. */
export interface ItemsHand {
  /** Proposed by the model and neither taken nor put aside. */
  suggestions: Item[]
  /** They stand in the list although the reader hid them, so that nothing moves. */
  hidden: boolean
  selected: string | null
  /** The question about the selected item that the keys act on. */
  attribute: string | null
  /** The tool in the hand; null: none. */
  shape: RegionShape | null
  segment: string | null
  placeText: (item: Item) => string
  /** As printed: the key that takes the tool, and those for the ends of a stack. */
  drawKey: string
  /** Leads into the list of a question that has more options than keys. */
  searchKey: string
  notAssessableKey: string
  extentKeys: Record<'first' | 'last', string>
  onSelect: (id: string | null) => void
  onHover: (id: string | null) => void
  onAccept: (id: string) => void
  onRemove: (id: string) => void
  onDraw: (shape: RegionShape) => void
  onNone: () => void
  onSegment: (segment: string) => void
  onAttribute: (id: string, key: string, value: AnswerValue | null) => void
  onFocusAttribute: (key: string) => void
  onExtent: (id: string, end: 'first' | 'last') => void
}

const REGIONS = new Set(['boxes', 'points', 'polygon', 'measure', 'mask'])

export const isRegion = (field: Field): field is RegionField => REGIONS.has(field.kind)

export const itemsOf = (answer: Answer | undefined): Item[] =>
  answer?.state === 'answered' && Array.isArray(answer.value) ? (answer.value as Item[]) : []

/** An answer with these items; without any it is open again, for "none" is said by a key of its own. */
export const answerOf = (items: Item[]): Answer =>
  items.length > 0 ? { state: 'answered', value: items } : { state: 'not_asked', value: null }

/** Questions about each item, with what the template left out. */
export const attributesOf = (field: Field): ScalarField[] =>
  isRegion(field)
    ? (field.attributes ?? []).map((attribute) => ({
        ...attribute,
        help: attribute.help ?? '',
        required: attribute.required ?? false,
        sites: [],
      }))
    : []

export const isModels = (item: { id: string }): boolean => item.id.startsWith('m')

const SHAPES = { boxes: 'box', points: 'point', polygon: 'polygon', mask: 'mask' } as const

/** The tools that draw the items of a field. */
export const shapesOf = (field: RegionField): readonly RegionShape[] =>
  field.kind === 'measure' ? (field.types ?? ['length', 'angle']) : [SHAPES[field.kind]]

export const shapeOfItem = (item: Item): RegionShape => {
  if ('box' in item) return 'box'
  if ('at' in item) return 'point'
  if ('type' in item) return item.type
  return 'points' in item ? 'polygon' : 'mask'
}

const round = (value: number): number => Math.round(value * 100) / 100
const rounded = (points: readonly PixelPoint[]): Point[] =>
  points.map((point): Point => [round(point[0]), round(point[1])])

const toPixel = (points: readonly Point[]): PixelPoint[] => points.map(([x, y]) => pixelPoint(x, y))

/** The corners or points of an item, as the viewer wants them. */
export function pointsOf(item: Item): PixelPoint[] {
  if ('box' in item) {
    const [x1, y1, x2, y2] = item.box
    return [pixelPoint(x1, y1), pixelPoint(x2, y2)]
  }
  if ('at' in item) return toPixel([item.at])
  return 'points' in item ? toPixel(item.points) : []
}

type Shape = Partial<Omit<Item, 'id' | 'image' | 'frame'>>

function boxOf(points: readonly Point[]): Shape {
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  return { box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] } as Shape
}

/** What new points or runs make of an item of this shape; null where nothing is left of it. */
export function shaped(
  shape: RegionShape,
  points: readonly PixelPoint[],
  runs?: readonly number[],
): Shape | null {
  const at = rounded(points)
  const [first] = at
  if (shape === 'mask') return runs && runs.length > 0 ? ({ runs: [...runs] } as Shape) : null
  if (!first) return null
  if (shape === 'point') return { at: first } as Shape
  if (shape !== 'box') return { points: at } as Shape
  const shapeOfBox = boxOf(at) as { box: number[] }
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = shapeOfBox.box
  return x2 > x1 && y2 > y1 ? (shapeOfBox as Shape) : null
}

export interface Frame {
  rows: number
  columns: number
}

/** The item that a drawing makes; null where it has no area. */
export function itemOf(
  drawn: DrawnRegion,
  id: string,
  frame: Frame,
  segment: string | null,
): Item | null {
  const shape = shaped(drawn.shape, drawn.points, drawn.runs)
  if (!shape) return null
  const item = { id, image: drawn.image, frame: drawn.frame, ...shape, attributes: {} }
  if (drawn.shape === 'length' || drawn.shape === 'angle')
    return { ...item, type: drawn.shape, value: null, ...UNMEASURED[drawn.shape] } as Item
  if (drawn.shape === 'mask') return { ...item, segment, ...frame } as Item
  return item as Item
}

const UNMEASURED = {
  length: { unit: 'px', spacing: 'unknown' },
  angle: { unit: 'deg', spacing: 'unknown' },
} as const

/** Pixels of either: two lists of runs as one, rising and not touching. */
export function joined(one: readonly number[], other: readonly number[]): number[] {
  const spans: [number, number][] = []
  for (const runs of [one, other])
    for (let at = 0; at + 1 < runs.length; at += 2) {
      const start = runs[at] ?? 0
      spans.push([start, start + (runs[at + 1] ?? 0)])
    }
  spans.sort((a, b) => a[0] - b[0])
  const found: [number, number][] = []
  for (const [start, end] of spans) {
    const last = found.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else found.push([start, end])
  }
  return found.flatMap(([start, end]) => [start, end - start])
}

/** A reader's own begin with "r", the model's with "m". */
export function newItemId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return `r${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
