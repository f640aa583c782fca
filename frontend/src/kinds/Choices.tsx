import type { ReactNode } from 'react'
import type { Answer, AnswerValue, Field } from '../api/forms'
import { percent } from '../geometry/zoom'
import { texts } from '../texts'
import { Option } from './Option'
import type { InputProps } from './types'

interface Choice {
  value: AnswerValue
  keyCap: string
  label: string
  definition?: string
}

// A grade is proposed as the middle of what the model holds possible: its neighbours' chances say how wide that is.
const WORTH_SAYING = 0.05

const chose = (answer: Answer | undefined, value: AnswerValue): boolean =>
  answer?.state === 'answered' && answer.value === value

/** The values of a field, one a line, and "not assessable" after them. */
export function Choices(
  props: InputProps<Field> & {
    choices: Choice[]
    probability: (value: AnswerValue) => number | null
  },
): ReactNode {
  const { slot, answer, proposal, choices, probability, onAnswer, field } = props
  const chance = (value: AnswerValue): string | null => {
    const share = probability(value)
    return share !== null && share >= WORTH_SAYING ? percent(share) : null
  }
  return (
    <div role="radiogroup" aria-label={field.label}>
      {choices.map((choice) => (
        <Option
          key={choice.value}
          testId={`option-${slot}-${choice.value}`}
          keyCap={choice.keyCap}
          label={choice.label}
          definition={choice.definition}
          chosen={chose(answer, choice.value)}
          chance={chance(choice.value)}
          proposedBy={
            proposal?.prediction.value === choice.value ? texts.reading.model(proposal.model) : null
          }
          onChoose={() => onAnswer({ state: 'answered', value: choice.value })}
        />
      ))}
      <Option
        testId={`option-${slot}-not-assessable`}
        keyCap="N"
        label={texts.reading.notAssessable}
        definition={texts.reading.notAssessableHelp}
        chosen={answer?.state === 'not_assessable'}
        onChoose={() => onAnswer({ state: 'not_assessable', value: null })}
      />
    </div>
  )
}
