import { UnstyledButton } from '@mantine/core'
import type { ReactNode } from 'react'
import styles from './Option.module.css'

interface OptionProps {
  keyCap: string
  label: string
  chosen: boolean
  definition?: string
  /** "71 %": how likely the model holds it to be; drawn in the model's colour. */
  chance?: string | null
  /** "model 2", where it proposes this one: with a dashed frame. */
  proposedBy?: string | null
  onChoose: () => void
  testId: string
}

/** One possible answer: its key, its word, its definition, and what the model makes of it. */
export function Option(props: OptionProps): ReactNode {
  return (
    <UnstyledButton
      className={styles.option}
      role="radio"
      aria-checked={props.chosen}
      data-chosen={props.chosen || undefined}
      data-proposed={props.proposedBy ? true : undefined}
      data-testid={props.testId}
      onClick={props.onChoose}
    >
      <kbd className={styles.key}>{props.keyCap}</kbd>
      <span className={styles.label}>{props.label}</span>
      {(props.proposedBy || props.chance) && (
        <span className={styles.chance} data-testid={props.proposedBy ? 'proposal' : undefined}>
          {[props.proposedBy, props.chance].filter(Boolean).join(' · ')}
        </span>
      )}
      {props.definition && (
        <span className={styles.definition} title={props.definition}>
          {props.definition}
        </span>
      )}
    </UnstyledButton>
  )
}
