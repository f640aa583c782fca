/** A DICOM code; older forms may carry a plain word. */
export type Code = { value: string; scheme: string; meaning: string } | string | null | undefined

/** What a reader reads, and beside it the same in Chinese where the template has it. */
export interface Worded {
  label: string
  label_zh?: string
  definition?: string
  definition_zh?: string
}

export interface Grade extends Worded {
  value: number
  definition: string
  code: Code
}

/** Asked only while the earlier field is answered with one of these. */
export interface When {
  field: string
  is: (string | number)[]
}

interface FieldBase extends Worded {
  key: string
  help: string
  help_zh?: string
  required: boolean
  sites: string[]
  site_labels?: Record<string, string>
  site_labels_zh?: Record<string, string>
  when?: When
}

export interface GradeField extends FieldBase {
  kind: 'grade'
  scale: { name: string; version: string; code: Code }
  grades: Grade[]
}

export interface PresenceField extends FieldBase {
  kind: 'presence'
  values: string[]
}

export interface Option extends Worded {
  value: string
  code?: Code
}

export interface ChoiceField extends FieldBase {
  kind: 'choice'
  options: Option[]
  many?: boolean
  may_be_empty?: boolean
  /** A drawing whose zones are the options: kinds/maps.ts. */
  map?: string
}

export interface NumberField extends FieldBase {
  kind: 'number'
  /** UCUM: "mm", "mo", "deg", "1". */
  unit: string
  minimum: number
  maximum: number
  step: number
}

export type ScalarField = GradeField | PresenceField | ChoiceField | NumberField

interface RegionBase extends FieldBase {
  minimum?: number
  maximum?: number
  /** The question that the regions say more of: the page shows which belong together. */
  link?: { field: string }
  /** View positions on which it may be drawn; empty: any. */
  views?: string[]
  /** Questions about each item; a template may leave out their help, sites and "required". */
  attributes?: ScalarField[]
}

export interface BoxesField extends RegionBase {
  kind: 'boxes'
  /** On a stack the first and the last slice are asked for. */
  extent?: boolean
}

export interface PointsField extends RegionBase {
  kind: 'points'
}

export interface PolygonField extends RegionBase {
  kind: 'polygon'
}

export interface MeasureField extends RegionBase {
  kind: 'measure'
  types?: ('length' | 'angle')[]
}

export interface MaskField extends RegionBase {
  kind: 'mask'
  segments: Option[]
}

export type RegionField = BoxesField | PointsField | PolygonField | MeasureField | MaskField
export type Field = ScalarField | RegionField

/** Which images a pane shows: all that is named must fit. */
export interface PaneRule {
  label?: string
  view?: string
  plane?: 'sagittal' | 'coronal' | 'axial'
  /** Words that must all stand in the series description. */
  description?: string
  modality?: string
}

/** How the images of a case hang. */
export interface Hanging {
  layout?: 'auto' | '1x1' | '1x2' | '1x3' | '2x2'
  panes?: PaneRule[]
  link_scroll?: boolean
  reference_lines?: boolean
  lock_flip?: boolean
  windows?: { name: string; center: number; width: number }[]
}

export interface Form {
  version: number
  slug: string
  name: string
  name_zh?: string
  fields: Field[]
  hanging: Hanging
}

export interface Place {
  image: string
  frame: number
}

/** Continuous image pixels from the outer corner of the first one, x to the right, y down. */
export type Point = [x: number, y: number]

interface ItemBase extends Place {
  id: string
  attributes?: Record<string, AnswerValue>
  /** How sure the model is of it, 0..1; a reader's answer has none. */
  score?: number
}

export interface BoxItem extends ItemBase {
  box: [x1: number, y1: number, x2: number, y2: number]
  extent?: { first: Place; last: Place }
}

interface PointItem extends ItemBase {
  at: Point
}

interface PolygonItem extends ItemBase {
  points: Point[]
}

export interface MeasureItem extends ItemBase {
  type: 'length' | 'angle'
  points: Point[]
  value: number | null
  unit: 'mm' | 'px' | 'deg'
  spacing: 'patient' | 'detector' | 'unknown'
}

interface MaskItem extends ItemBase {
  segment: string
  rows: number
  columns: number
  /** Start, length, start, length … over the frame row by row, rising, not touching. */
  runs: number[]
}

export type Item = BoxItem | PointItem | PolygonItem | MeasureItem | MaskItem

type AnswerState = 'answered' | 'not_assessable' | 'not_asked'
export type AnswerValue = number | string | string[] | Item[]

export interface Answer {
  state: AnswerState
  value?: AnswerValue | null
}

/** By slot: the field's key, or "key@site" where the field repeats over sites. */
export type Answers = Record<string, Answer>
