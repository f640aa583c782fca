import { Button } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'
import type { Annotation } from '../api/reading'
import { clockTime } from '../format'
import { texts } from '../texts'
import styles from './Box.module.css'
import { differences } from './differences'
import type { OpenCase } from './open'

interface ConflictProps {
  open: OpenCase
  theirs: Annotation
  onResolve: (choice: 'mine' | 'theirs') => void
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
