import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link, useParams } from 'react-router'
import { texts } from '../texts'
import styles from './Calm.module.css'

/** An address in a task that names none of the reader's reads: nothing is opened or taken in its place. */
export function NoSuchRead(): ReactNode {
  const { taskId } = useParams()
  return (
    <main className={styles.calm} data-testid="no-such-read">
      <title>{texts.reading.noSuchRead}</title>
      <div>
        <h1>{texts.reading.noSuchRead}</h1>
        <p role="alert">{texts.reading.noSuchReadHelp}</p>
        <Group gap="xs" justify="center">
          <Button component={Link} to={`/tasks/${taskId}`}>
            {texts.reading.backToTask}
          </Button>
          <Button variant="default" component={Link} to={`/read/${taskId}`}>
            {texts.reading.nextCase}
          </Button>
        </Group>
      </div>
    </main>
  )
}
