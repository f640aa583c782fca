import { NumberInput } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { NumberField } from '../api/forms'
import { texts } from '../texts'
import { NotAssessable } from './Choices'
import styles from './number.module.css'
import { reachText } from './reach'
import type { InputProps, Kind } from './types'
import { unitText } from './words'

const decimals = (step: number): number => String(step).split('.')[1]?.length ?? 0

/** Whether a number stands on the grid of steps from the minimum, within the limits. */
export function fits(field: NumberField, value: number): boolean {
  const steps = (value - field.minimum) / field.step
  return (
    value >= field.minimum && value <= field.maximum && Math.abs(steps - Math.round(steps)) < 1e-6
  )
}

/** The field on the page whose text is no answer to it: what stands there would be lost by going on. */
export const unfitNumber = (): HTMLInputElement | null =>
  document.querySelector('[data-number][aria-invalid="true"]')

function NumberEntry(props: InputProps<NumberField>): ReactNode {
  const { field, slot, answer, active, onAnswer, proposal } = props
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (active) input.current?.select()
    else input.current?.blur()
  }, [active])
  const value = answer?.state === 'answered' ? Number(answer.value) : ''
  // What is being typed need not be an answer yet: the 1 of a 12 that starts at 10.
  const [typed, setTyped] = useState<number | string>(value)
  const sent = useRef<number | ''>(value)
  useEffect(() => {
    if (value !== sent.current) setTyped(value)
    sent.current = value
  }, [value])
  const type = (text: number | string): void => {
    setTyped(text)
    const good = text !== '' && fits(field, Number(text))
    sent.current = good ? Number(text) : ''
    onAnswer(
      good ? { state: 'answered', value: Number(text) } : { state: 'not_asked', value: null },
    )
  }
  const reach =
    proposal && reachText(proposal.prediction, (end) => end.toFixed(decimals(field.step)))
  return (
    <div className={styles.number}>
      <NumberInput
        ref={input}
        aria-label={props.label}
        data-number
        data-testid={`number-${slot}`}
        value={typed}
        min={field.minimum}
        max={field.maximum}
        step={field.step}
        decimalScale={decimals(field.step)}
        allowNegative={field.minimum < 0}
        clampBehavior="none"
        suffix={field.unit === '1' ? '' : ` ${unitText(field.unit)}`}
        placeholder={texts.kinds.range(field.minimum, field.maximum, unitText(field.unit))}
        error={typed !== '' && !fits(field, Number(typed))}
        onChange={type}
        className={styles.input}
      />
      {!props.ofItem && <NotAssessable {...props} look="cells" />}
      {proposal && (
        <button
          type="button"
          className={styles.proposal}
          onClick={() => onAnswer({ state: 'answered', value: proposal.prediction.value })}
        >
          {number.valueText(field, proposal.prediction.value)}
        </button>
      )}
      {reach && <span className={styles.reach}>{reach}</span>}
    </div>
  )
}

/** A number with its unit: typed, for it has no key of its own. */
export const number: Kind<NumberField> = {
  Input: (props) => <NumberEntry key={props.of} {...props} />,
  valueForKey: () => null,
  valueText: (field, value) =>
    [Number(value).toFixed(decimals(field.step)), field.unit === '1' ? '' : unitText(field.unit)]
      .filter(Boolean)
      .join(' '),
  probability: () => null,
  keys: () => '0-9',
  final: () => false,
}
