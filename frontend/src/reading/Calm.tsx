import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { texts } from '../texts'
import styles from './Calm.module.css'
import { SignedOut } from './Troubles'

interface CalmProps {
  /** null: there is none. */
  task: number | null
  /** Why nothing could be fetched; null when all is read. */
  failure: string | null
  signedOut?: boolean
  today?: number | null
  onAgain: () => void
}

/** After the last case, or when none could be fetched: what happened and what comes next. */
export function Calm({ task, failure, signedOut, today, onAgain }: CalmProps): ReactNode {
  const failed = failure !== null
  return (
    <main className={styles.calm} data-testid={failed ? 'failed' : 'done'}>
      <div>
        <h1>{failed ? texts.reading.failed : texts.reading.done}</h1>
        {failed ? (
          <p role="alert">{!signedOut && failure}</p>
        ) : (
          <>
            {typeof today === 'number' && (
              <p className={styles.count}>{texts.reading.doneToday(today)}</p>
            )}
            <p>{texts.reading.doneNext}</p>
          </>
        )}
        {signedOut && <SignedOut />}
        <Group gap="xs" justify="center">
          <Button onClick={onAgain}>
            {failed ? texts.reading.retry : texts.reading.lookAgain}
          </Button>
          <Button variant="default" component={Link} to={`/tasks/${task ?? ''}`}>
            {task === null ? texts.office.toTasks : texts.reading.toTask}
          </Button>
        </Group>
      </div>
    </main>
  )
}
