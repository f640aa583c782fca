import type { ComponentType } from 'react'
import type { Answer, AnswerValue, Field } from '../api/forms'
import type { SlotPrediction } from '../api/reading'
import type { ItemsHand } from './items'

interface Proposal {
  model: number
  prediction: SlotPrediction
}

/** list: a line with its definition each · chips: as they fit · cells: keys alone, for a field that repeats over sites */
export type Look = 'list' | 'chips' | 'cells'

export interface InputProps<F extends Field> {
  field: F
  /** What is answered, a read or an item of it: in another one nothing is typed yet. */
  of: string
  slot: string
  /** What the slot is called, for those who hear the page. */
  label: string
  answer: Answer | undefined
  /** What the model proposes; null where it says nothing or is hidden. */
  proposal: Proposal | null
  /** The digits act on this field now. */
  active: boolean
  look: Look
  /** Asked about one item: it is answered or left open. */
  ofItem?: boolean
  /** The side of the case, "R", "L" or "". */
  laterality: string
  onAnswer: (answer: Answer) => void
  /** The definition of what is pointed at; null when nothing is. */
  onPoint: (definition: string | null) => void
  /** For kinds whose answer is a list of regions. */
  items: ItemsHand
}

/** How one kind of field is asked, keyed, spelled out. */
export interface Kind<F extends Field> {
  Input: ComponentType<InputProps<F>>
  /** The value that a key makes of the value held, or null where the key means nothing. */
  valueForKey: (field: F, key: string, held: AnswerValue | null) => AnswerValue | null
  valueText: (field: F, value: AnswerValue) => string
  /** How likely the model holds this value to be, 0..1; null where it does not say. */
  probability: (field: F, prediction: SlotPrediction, value: AnswerValue) => number | null
  /** For the key bar: "0-4". */
  keys: (field: F) => string
  /** One answer is all that there is to say, so that the next question may have the keys. */
  final: (field: F) => boolean
}
