import { UnstyledButton } from '@mantine/core'
import type { ReactNode } from 'react'
import styles from './Option.module.css'
import type { Look } from './types'

interface OptionProps {
  keyCap: string
  label: string
  chosen: boolean
  look: Look
  /** One of several that may be chosen together. */
  many?: boolean
  /** Its place among those that fit what is being looked for; -1: it does not. */
  fits?: number
  definition?: string
  /** "71 %": how likely the model holds it to be; drawn in the model's colour. */
  chance?: string | null
  /** "model 2", where it proposes this one: with a dashed frame. */
  proposedBy?: string | null
  /** "2 to 3, 90 %": said beside what is proposed. */
  reach?: string | null
  /** Said with what is proposed, on asking. */
  why?: string | null
  onChoose: () => void
  onPoint?: (definition: string | null) => void
  testId: string
}

const words = (...parts: (string | null | undefined)[]): string => parts.filter(Boolean).join(' · ')

/** One possible answer: its key, its word, its definition, and what the model makes of it. */
export function Option(props: OptionProps): ReactNode {
  const { look, definition, onPoint } = props
  const { proposedBy, chance } = props
  const reach = proposedBy ? props.reach : null
  const why = proposedBy ? props.why : null
  const said = words(proposedBy, chance, reach)
  const shown = reach ? words(chance, reach) : said // a row holds no more: the frame says that it is the model's
  return (
    <UnstyledButton
      className={styles.option}
      role={props.many ? 'checkbox' : 'radio'}
      aria-checked={props.chosen}
      aria-label={look === 'list' ? undefined : props.label}
      aria-description={(look === 'list' ? why : words(said, why)) || undefined}
      title={
        look === 'list' ? words(reach && said, why) || undefined : words(props.label, said, why)
      }
      data-answer
      data-look={look}
      data-chosen={props.chosen || undefined}
      data-proposed={proposedBy ? true : undefined}
      data-fits={props.fits === 0 ? 'first' : props.fits === -1 ? 'not' : undefined}
      data-testid={props.testId}
      onClick={props.onChoose}
      onMouseEnter={() => onPoint?.(definition || null)}
      onMouseLeave={() => onPoint?.(null)}
      onFocus={() => onPoint?.(definition || null)}
      onBlur={() => onPoint?.(null)}
    >
      {props.keyCap && <kbd className={styles.key}>{props.keyCap}</kbd>}
      {look !== 'cells' && <span className={styles.label}>{props.label}</span>}
      {look === 'list' && said && (
        <span className={styles.chance} data-testid={proposedBy ? 'proposal' : undefined}>
          {shown}
        </span>
      )}
      {look === 'list' && definition && (
        <span className={styles.definition} title={definition}>
          {definition}
        </span>
      )}
    </UnstyledButton>
  )
}
