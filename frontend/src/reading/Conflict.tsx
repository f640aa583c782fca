import { Button, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Annotation } from '../api/reading'
import { clockTime } from '../format'
import { answersText } from '../kinds/slots'
import { texts } from '../texts'
import styles from './Box.module.css'
import type { OpenCase } from './open'

interface ConflictProps {
  open: OpenCase
  theirs: Annotation
  onResolve: (choice: 'mine' | 'theirs') => void
}

/** Both answers, and the reader decides; nothing is ever overwritten in silence. */
export function Conflict({ open, theirs, onResolve }: ConflictProps): ReactNode {
  const { form } = open.next
  return (
    <div className={styles.box} role="alert" data-testid="conflict">
      <p>{texts.reading.conflict(theirs.saved_at ? clockTime(theirs.saved_at) : '–')}</p>
      <Stack gap={8}>
        <Button
          variant="default"
          h="auto"
          py={8}
          onClick={() => onResolve('mine')}
          className={styles.wrap}
        >
          {texts.reading.keepMine(answersText(form, open.answers))}
        </Button>
        <Button
          variant="default"
          h="auto"
          py={8}
          onClick={() => onResolve('theirs')}
          className={styles.wrap}
        >
          {texts.reading.takeTheirs(answersText(form, theirs.answers))}
        </Button>
      </Stack>
    </div>
  )
}
