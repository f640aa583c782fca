import { type ReactNode, useState } from 'react'
import type { AnswerValue, ChoiceField } from '../api/forms'
import { texts } from '../texts'
import { answerWith } from './answer'
import { Choices } from './Choices'
import { MAPS } from './maps'
import { Option } from './Option'
import { OptionSearch } from './OptionSearch'
import type { InputProps, Kind } from './types'
import { definitionOf, labelOf } from './words'

/** The keys of the options by their place: 1 to 9, then with the shift key. */
const KEYS = [...'123456789', ...Array.from('123456789', (digit) => `⇧${digit}`)]

/** Stands for the key that leads into the search of a long list. */
export const SEARCH = '/'

const keyOf = (index: number): string => KEYS[index] ?? ''

const chosen = (value: AnswerValue | null | undefined): string[] =>
  Array.isArray(value) ? (value as string[]) : []

/** The list with this value put in or taken out, in the order of the options. */
function toggled(field: ChoiceField, held: AnswerValue | null, value: string): string[] {
  const now = new Set(chosen(held))
  if (!now.delete(value)) now.add(value)
  return field.options.map((option) => option.value).filter((one) => now.has(one))
}

function ChoiceInput(props: InputProps<ChoiceField>): ReactNode {
  const { field, proposal, answer } = props
  const held = answer?.state === 'answered' ? (answer.value ?? null) : null
  const choose = (value: string): void =>
    props.onAnswer(answerWith(field, field.many ? toggled(field, held, value) : value))
  const [fitting, setFitting] = useState<string[] | null>(null)
  const Drawing = field.map ? MAPS[field.map] : undefined
  return (
    <>
      {Drawing && (
        <Drawing
          field={field}
          slot={props.slot}
          label={props.label}
          laterality={props.laterality}
          chosen={field.many ? chosen(held) : held === null ? [] : [String(held)]}
          proposed={proposal ? [proposal.prediction.value].flat().map(String) : []}
          keyOf={(value) => keyOf(field.options.findIndex((option) => option.value === value))}
          onChoose={choose}
        />
      )}
      {field.options.length > KEYS.length && (
        <OptionSearch
          field={field}
          keyCap={props.items.searchKey}
          onFound={setFitting}
          onChoose={choose}
        />
      )}
      <Choices
        {...props}
        many={field.many}
        choices={field.options.map((option, index) => ({
          value: option.value,
          keyCap: keyOf(index),
          label: labelOf(option),
          definition: definitionOf(option),
          fits: fitting?.indexOf(option.value),
        }))}
        probability={(value) => proposal && choice.probability(field, proposal.prediction, value)}
        onChoose={(value) => choose(String(value))}
        more={
          field.many &&
          field.may_be_empty && (
            <Option
              testId={`option-${props.slot}-none`}
              keyCap="0"
              look={props.look}
              many
              label={texts.kinds.noneOfThese}
              chosen={Array.isArray(held) && held.length === 0}
              onChoose={() => props.onAnswer({ state: 'answered', value: [] })}
            />
          )
        }
      />
    </>
  )
}

/** One of several words, or any of them; keyed by their place, and 0 for "none" where none may be chosen. */
export const choice: Kind<ChoiceField> = {
  Input: ChoiceInput,
  valueForKey: (field, key, held) => {
    if (key === '0') return field.many && field.may_be_empty ? [] : null
    const option = field.options[KEYS.indexOf(key)]
    if (!option) return null
    return field.many ? toggled(field, held, option.value) : option.value
  },
  valueText: (field, value) => {
    const values = [value].flat().map(String)
    const named = field.options.filter((option) => values.includes(option.value)).map(labelOf)
    return named.length > 0 ? named.join(', ') : texts.kinds.noneOfThese
  },
  probability: (field, prediction, value) =>
    prediction.probabilities[
      (prediction.options ?? field.options.map((option) => option.value)).indexOf(String(value))
    ] ?? null,
  keys: ({ options }) => {
    const keyed = `1-${keyOf(Math.min(options.length, KEYS.length) - 1)}`
    return options.length > KEYS.length ? `${keyed} ${SEARCH}` : keyed
  },
  final: (field) => !field.many,
}
