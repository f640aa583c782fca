import { UnstyledButton } from '@mantine/core'
import type { ReactNode } from 'react'
import styles from './Option.module.css'

interface OptionProps {
  keyCap: string
  label: string
  chosen: boolean
  definition?: string
  /** "71 %", drawn in the model's colour with a dashed frame. */
  proposed?: string | null
  proposedBy?: string
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
      data-proposed={props.proposed ? true : undefined}
      data-testid={props.testId}
      onClick={props.onChoose}
    >
      <kbd className={styles.key}>{props.keyCap}</kbd>
      <span className={styles.label}>{props.label}</span>
      {props.proposed && (
        <span className={styles.proposal} data-testid="proposal">
          {props.proposedBy} · {props.proposed}
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
