import type { ComponentType } from 'react'
import type { Answer, AnswerValue, Field } from '../api/forms'
import type { SlotPrediction } from '../api/reading'

export interface Proposal {
  model: number
  prediction: SlotPrediction
}

export interface InputProps<F extends Field> {
  field: F
  slot: string
  answer: Answer | undefined
  /** What the model proposes; null where it says nothing or is hidden. */
  proposal: Proposal | null
  /** The digits act on this field now. */
  active: boolean
  onAnswer: (answer: Answer) => void
}

/** How one kind of field is asked, keyed, spelled out. */
export interface Kind<F extends Field> {
  Input: ComponentType<InputProps<F>>
  /** The value that a key stands for, or null. */
  valueForKey: (field: F, key: string) => AnswerValue | null
  valueText: (field: F, value: AnswerValue) => string
  /** How likely the model holds this value to be, 0..1; null where it does not say. */
  probability: (field: F, prediction: SlotPrediction, value: AnswerValue) => number | null
  /** For the key bar: "0-4". */
  keys: (field: F) => string
}
