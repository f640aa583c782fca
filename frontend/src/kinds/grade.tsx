import type { ReactNode } from 'react'
import type { GradeField } from '../api/forms'
import type { SlotPrediction } from '../api/reading'
import { texts } from '../texts'
import { Choices } from './Choices'
import { reachText } from './reach'
import type { InputProps, Kind } from './types'
import { definitionOf, labelOf } from './words'

const at = (field: GradeField, value: number): number =>
  field.grades.findIndex((grade) => grade.value === value)

/** A grade is proposed as the middle of what the model holds possible: why another one may have the larger chance. */
function middleText({ probabilities, value }: SlotPrediction, field: GradeField): string | null {
  const own = probabilities[at(field, Number(value))] ?? 1
  return probabilities.some((one) => one > own) ? texts.kinds.middle : null
}

function GradeInput(props: InputProps<GradeField>): ReactNode {
  const { field, proposal } = props
  return (
    <Choices
      {...props}
      choices={field.grades.map((grade) => ({
        value: grade.value,
        keyCap: String(grade.value),
        label: labelOf(grade),
        definition: definitionOf(grade),
      }))}
      probability={(value) => proposal && grade.probability(field, proposal.prediction, value)}
      reach={proposal && reachText(proposal.prediction, String)}
      why={proposal && middleText(proposal.prediction, field)}
      onChoose={(value) => props.onAnswer({ state: 'answered', value })}
    />
  )
}

/** A grade on an ordered scale: its own number is its key. */
export const grade: Kind<GradeField> = {
  Input: GradeInput,
  valueForKey: (field, key) =>
    field.grades.find((grade) => String(grade.value) === key)?.value ?? null,
  valueText: (field, value) => {
    const found = field.grades.find((grade) => grade.value === value)
    return found ? `${found.value} ${labelOf(found)}` : String(value)
  },
  probability: (field, prediction, value) =>
    prediction.probabilities[at(field, Number(value))] ?? null,
  keys: (field) => `${field.grades[0]?.value ?? 0}-${field.grades.at(-1)?.value ?? 0}`,
  final: () => true,
}
