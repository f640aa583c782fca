/** A DICOM code; older forms may carry a plain word. */
export type Code = { value: string; scheme: string; meaning: string } | string | null | undefined

export interface Grade {
  value: number
  label: string
  definition: string
  code: Code
}

interface FieldBase {
  key: string
  label: string
  help: string
  required: boolean
  sites: string[]
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

export type Field = GradeField | PresenceField

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
  fields: Field[]
  hanging: Hanging
}

export type AnswerState = 'answered' | 'not_assessable' | 'not_asked'
export type AnswerValue = number | string

export interface Answer {
  state: AnswerState
  value?: AnswerValue | null
}

/** By slot: the field's key, or "key@site" where the field repeats over sites. */
export type Answers = Record<string, Answer>
