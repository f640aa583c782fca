import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Answer } from '../api/forms'
import { type Slot, slotsOf } from '../kinds/slots'
import { kindOf } from '../kinds/table'
import { texts } from '../texts'
import styles from './FormPanel.module.css'
import type { OpenCase } from './open'

interface FormPanelProps {
  open: OpenCase | null
  modelHidden: boolean
  /** What stands between the answers and the server. */
  troubles: ReactNode
  onAnswer: (slot: string, answer: Answer) => void
  onFocusSlot: (slot: string) => void
  onSubmit: () => void
}

function scaleText(slot: Slot): string {
  return slot.field.kind === 'grade' ? slot.field.scale.version : ''
}

function Question(props: FormPanelProps & { open: OpenCase; at: Slot }): ReactNode {
  const { open, at, modelHidden, onAnswer, onFocusSlot } = props
  const { Input } = kindOf(at.field)
  const { prediction } = open.next
  const proposed = modelHidden ? undefined : prediction?.slots[at.slot]
  const error = open.slotErrors[at.slot]
  return (
    <fieldset
      aria-label={at.label}
      className={styles.question}
      data-active={open.activeSlot === at.slot || undefined}
      onFocus={() => onFocusSlot(at.slot)}
    >
      <div className={styles.title}>
        <h2>{at.label}</h2>
        <span>{scaleText(at)}</span>
      </div>
      <Input
        field={at.field}
        slot={at.slot}
        answer={open.answers[at.slot]}
        proposal={
          prediction && proposed ? { model: prediction.model.number, prediction: proposed } : null
        }
        active={open.activeSlot === at.slot}
        onAnswer={(answer) => onAnswer(at.slot, answer)}
      />
      {error && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  )
}

/** The form stands beside the image: one key answers, one key moves on. */
export function FormPanel(props: FormPanelProps): ReactNode {
  const { open, troubles, onSubmit } = props
  return (
    <aside className={styles.panel} aria-label="Answer">
      <div className={styles.questions}>
        {open &&
          slotsOf(open.next.form).map((at) => (
            <Question key={at.slot} {...props} open={open} at={at} />
          ))}
      </div>
      <div className={styles.foot}>
        {troubles}
        <p className={styles.notice} role="status" data-testid="notice">
          {open?.notice}
        </p>
        <Button
          fullWidth
          size="md"
          onClick={onSubmit}
          disabled={!open}
          data-testid="submit"
          rightSection={<kbd className={styles.enter}>⏎</kbd>}
        >
          {open?.next.annotation.state === 'submitted' ? texts.losses.amend : texts.reading.submit}
        </Button>
      </div>
    </aside>
  )
}
