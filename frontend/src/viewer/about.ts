import { lettersOf } from '../geometry/orientation'
import type { Plane, Vector } from '../geometry/planes'
import { type Spacing, spacingOf } from '../geometry/spacing'
import { texts } from '../texts'
import { type Attributes, items, numbers, ofFrame, text, texts as words } from './attributes'
import type { Table, Voi, Window } from './voi'

/** What the header says of one frame, as far as showing it needs it. */
export interface About {
  modality: string
  /** MONOCHROME1: the lowest value is white, so showing it as meant is showing it inverted. */
  whiteIsLow: boolean
  columns: number
  rows: number
  spacing: Spacing | null
  plane: Plane | null
  /** Towards which side of the patient rows and columns lead: ["L", "F"]. */
  along: readonly [row: string, column: string] | null
  /** The file's own, the first is to be used first; empty where it names none. */
  vois: readonly Voi[]
}

/** Modalities whose images are shadows, larger than what throws them. */
const PROJECTIONS = new Set(['CR', 'DX', 'RG', 'RF', 'XA', 'MG', 'PX', 'IO'])

/** @param tables the entries of the file's VOI LUTs, which stand apart from the rest of the header */
export function aboutFrame(
  header: Attributes,
  frame: number,
  tables: readonly ArrayLike<number>[],
): About {
  const attributes = ofFrame(header, frame)
  const [columns, rows] = [numbers(attributes, '00280011')[0], numbers(attributes, '00280010')[0]]
  const modality = text(attributes, '00080060')
  const spacing = spacingOf(
    numbers(attributes, '00280030'),
    numbers(attributes, '00181164'),
    PROJECTIONS.has(modality) && !text(attributes, '00280A02'),
  )
  const about = {
    modality,
    whiteIsLow: text(attributes, '00280004') === 'MONOCHROME1',
    columns: columns ?? 0,
    rows: rows ?? 0,
    spacing,
  }
  const plane = planeOf(attributes, about)
  return {
    ...about,
    plane,
    along: plane ? [lettersOf(plane.row), lettersOf(plane.column)] : sides(attributes),
    vois: [...tablesOf(attributes, tables), ...windowsOf(attributes)],
  }
}

function planeOf(
  attributes: Attributes,
  { spacing, columns, rows }: Pick<About, 'spacing' | 'columns' | 'rows'>,
): Plane | null {
  const origin = numbers(attributes, '00200032')
  const cosines = numbers(attributes, '00200037')
  if (origin.length !== 3 || cosines.length !== 6 || !spacing) return null
  if (![...origin, ...cosines].every(Number.isFinite)) return null
  return {
    origin: origin as unknown as Vector,
    row: cosines.slice(0, 3) as unknown as Vector,
    column: cosines.slice(3) as unknown as Vector,
    spacing,
    columns,
    rows,
    frameOfReference: text(attributes, '00200052'),
  }
}

/** Patient Orientation of a projection (PS3.3 C.7.6.1.1.1). */
function sides(attributes: Attributes): About['along'] {
  const [row, column] = words(attributes, '00200020')
  return row && column ? [row, column] : null
}

function windowsOf(attributes: Attributes): Window[] {
  const [centers, widths] = [numbers(attributes, '00281050'), numbers(attributes, '00281051')]
  const names = words(attributes, '00281055')
  const curve = text(attributes, '00281056')
  return centers.flatMap((center, at): Window[] => {
    const width = widths[at] ?? 0
    if (!Number.isFinite(center) || !(width > 0)) return []
    const name = names[at] ?? texts.viewer.window(at + 1)
    const known = curve === 'SIGMOID' || curve === 'LINEAR_EXACT' ? curve : 'LINEAR'
    return [{ kind: 'window', name, center, width, curve: known }]
  })
}

export const lutItems = (attributes: Attributes): Attributes[] => items(attributes, '00283010')

function tablesOf(attributes: Attributes, tables: readonly ArrayLike<number>[]): Table[] {
  return lutItems(attributes).flatMap((item, at): Table[] => {
    const [count, first, bits] = numbers(item, '00283002')
    const entries = tables[at]
    if (count === undefined || first === undefined || !bits || !entries?.length) return []
    const name = text(item, '00283003') || texts.viewer.table(at + 1)
    return [{ kind: 'table', name, first, bits, entries }]
  })
}
