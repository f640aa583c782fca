import { Button } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'
import type { Annotation } from '../api/reading'
import { clockTime } from '../format'
import { answerText, slotsOf } from '../kinds/slots'
import { texts } from '../texts'
import styles from './Box.module.css'
import { type OpenCase, sameAnswers } from './open'

interface ConflictProps {
  open: OpenCase
  theirs: Annotation
  onResolve: (choice: 'mine' | 'theirs') => void
}

interface Difference {
  label: string
  mine: string
  theirs: string
}

/** Only what differs: two long forms that are alike but for one answer are hard to tell apart. */
function differences({ next, answers, side }: OpenCase, theirs: Annotation): Difference[] {
  const found = slotsOf(next.form).flatMap(({ slot, field, label }): Difference[] => {
    const [mine, other] = [answers[slot], theirs.answers[slot]]
    const pick = (one: typeof mine) => (one ? { [slot]: one } : {})
    if (sameAnswers(pick(mine), pick(other))) return []
    return [{ label, mine: answerText(field, mine), theirs: answerText(field, other) }]
  })
  if (side === theirs.side) return found
  const named = (one: string): string => texts.losses.sides[one] ?? texts.office.none
  return [...found, { label: texts.tasks.side, mine: named(side), theirs: named(theirs.side) }]
}

/** Both answers side by side, and the reader decides; nothing is ever overwritten in silence. */
export function Conflict({ open, theirs, onResolve }: ConflictProps): ReactNode {
  return (
    <div className={styles.box} role="alert" data-testid="conflict">
      <p>{texts.reading.conflict(theirs.saved_at ? clockTime(theirs.saved_at) : '–')}</p>
      <div className={styles.texts}>
        <strong>{texts.losses.mine}</strong>
        <strong>{texts.losses.theirs}</strong>
        {differences(open, theirs).map(({ label, mine, theirs: other }) => (
          <Fragment key={label}>
            <span className={styles.label}>{label}</span>
            <span data-testid="mine">{mine}</span>
            <span data-testid="theirs">{other}</span>
          </Fragment>
        ))}
        <Button size="xs" variant="default" onClick={() => onResolve('mine')}>
          {texts.losses.keepMine}
        </Button>
        <Button size="xs" variant="default" onClick={() => onResolve('theirs')}>
          {texts.losses.takeTheirs}
        </Button>
      </div>
    </div>
  )
}
