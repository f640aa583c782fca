import { Card, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Task } from '../api/tasks'
import { texts } from '../texts'
import styles from './Overview.module.css'

/** What the task runs by, to be read. */
export function SettingsTab({ task }: { task: Task }): ReactNode {
  return (
    <Card>
      <Text c="dimmed">{texts.tasks.settingsHelp}</Text>
      <dl className={styles.facts}>
        <dt>{texts.tasks.template}</dt>
        <dd>{task.template}</dd>
        <dt>{texts.tasks.retrainEvery}</dt>
        <dd>{texts.tasks.retrainEveryIs(task.retrain_every)}</dd>
        <dt>{texts.tasks.role}</dt>
        <dd>{texts.tasks.roles[task.role]}</dd>
      </dl>
    </Card>
  )
}
