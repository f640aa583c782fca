import type { ReactNode } from 'react'
import type { Answer, AnswerValue, Field } from '../api/forms'
import { chanceText } from '../geometry/zoom'
import { texts } from '../texts'
import styles from './Choices.module.css'
import { Option } from './Option'
import type { InputProps } from './types'

interface Choice {
  value: number | string
  keyCap: string
  label: string
  definition?: string
  /** Its place among those that fit what is being looked for, -1: none; nothing is looked for where it is left out. */
  fits?: number
}

type ChoicesProps<F extends Field> = Omit<InputProps<F>, 'laterality' | 'active'>

// A grade is proposed as the middle of what the model holds possible: its neighbours' chances say how wide that is.
const WORTH_SAYING = 0.05

const holds = (value: unknown, one: number | string): boolean =>
  Array.isArray(value) ? value.includes(one) : value === one

const chose = (answer: Answer | undefined, value: number | string): boolean =>
  answer?.state === 'answered' && holds(answer.value, value)

/** "Not assessable", the last answer to every question. */
export function NotAssessable(props: ChoicesProps<Field>): ReactNode {
  const { slot, answer, look, items, onAnswer, onPoint } = props
  return (
    <Option
      testId={`option-${slot}-not-assessable`}
      keyCap={items.notAssessableKey}
      look={look}
      label={texts.reading.notAssessable}
      definition={texts.reading.notAssessableHelp}
      chosen={answer?.state === 'not_assessable'}
      onChoose={() => onAnswer({ state: 'not_assessable', value: null })}
      onPoint={onPoint}
    />
  )
}

/** The values of a field, and "not assessable" after them. */
export function Choices<F extends Field>(
  props: ChoicesProps<F> & {
    choices: Choice[]
    many?: boolean
    probability: (value: AnswerValue) => number | null
    /** "2 to 3, 90 %": what the model promises beside what it proposes. */
    reach?: string | null
    /** Why it proposes what it does, where the chances seem to say otherwise. */
    why?: string | null
    onChoose: (value: number | string) => void
    /** One more answer, after the values. */
    more?: ReactNode
  },
): ReactNode {
  const { slot, answer, proposal, choices, probability, many, look, label } = props
  const chance = (value: AnswerValue): string | null => {
    const share = probability(value)
    return share !== null && share >= WORTH_SAYING ? chanceText(share) : null
  }
  return (
    <div
      // several at once are check boxes in the fieldset of their question
      {...(many ? {} : { role: 'radiogroup', 'aria-label': label })}
      className={look === 'list' ? undefined : styles[look]}
    >
      {choices.map((choice) => (
        <Option
          key={choice.value}
          testId={`option-${slot}-${choice.value}`}
          keyCap={choice.keyCap}
          label={choice.label}
          definition={choice.definition}
          look={look}
          fits={choice.fits}
          many={many}
          chosen={chose(answer, choice.value)}
          chance={chance(choice.value)}
          proposedBy={
            proposal && holds(proposal.prediction.value, choice.value)
              ? texts.reading.model(proposal.model)
              : null
          }
          reach={props.reach}
          why={props.why}
          onChoose={() => props.onChoose(choice.value)}
          onPoint={props.onPoint}
        />
      ))}
      {props.more}
      {!props.ofItem && <NotAssessable {...props} look={look === 'list' ? 'list' : 'cells'} />}
    </div>
  )
}
