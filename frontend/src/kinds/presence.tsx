import type { ReactNode } from 'react'
import type { PresenceField } from '../api/forms'
import { Choices } from './Choices'
import type { InputProps, Kind } from './types'

function PresenceInput(props: InputProps<PresenceField>): ReactNode {
  const { field, proposal } = props
  return (
    <Choices
      {...props}
      choices={field.values.map((value, index) => ({
        value,
        keyCap: String(index),
        label: value,
      }))}
      probability={(value) => proposal && presence.probability(field, proposal.prediction, value)}
    />
  )
}

/** Absent, present, sometimes indeterminate: keyed by their place, so that 0 is "absent". */
export const presence: Kind<PresenceField> = {
  Input: PresenceInput,
  valueForKey: (field, key) => (/^\d$/.test(key) ? (field.values[Number(key)] ?? null) : null),
  valueText: (_field, value) => String(value),
  probability: (field, prediction, value) =>
    prediction.probabilities[field.values.indexOf(String(value))] ?? null,
  keys: (field) => `0-${field.values.length - 1}`,
}
