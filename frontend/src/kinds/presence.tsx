import type { ReactNode } from 'react'
import type { PresenceField } from '../api/forms'
import { texts } from '../texts'
import { Choices } from './Choices'
import type { InputProps, Kind } from './types'

const word = (value: string): string => texts.kinds.presence[value] ?? value

function PresenceInput(props: InputProps<PresenceField>): ReactNode {
  const { field, proposal } = props
  return (
    <Choices
      {...props}
      choices={field.values.map((value, index) => ({
        value,
        keyCap: String(index),
        label: word(value),
      }))}
      probability={(value) => proposal && presence.probability(field, proposal.prediction, value)}
      onChoose={(value) => props.onAnswer({ state: 'answered', value })}
    />
  )
}

/** Absent, present, sometimes indeterminate: keyed by their place, so that 0 is "absent". */
export const presence: Kind<PresenceField> = {
  Input: PresenceInput,
  valueForKey: (field, key) => (/^\d$/.test(key) ? (field.values[Number(key)] ?? null) : null),
  valueText: (_field, value) => word(String(value)),
  probability: (field, prediction, value) =>
    prediction.probabilities[field.values.indexOf(String(value))] ?? null,
  keys: (field) => `0-${field.values.length - 1}`,
  final: () => true,
}
