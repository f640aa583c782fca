import { Card, Progress, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Task } from '../api/tasks'
import type { Training } from '../api/training'
import { dayTime } from '../format'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'
import styles from './Models.module.css'
import { nextOf, nextTitle } from './next'
import { RunNow } from './RunNow'

const words = texts.training

/** Why a training did or did not start, what it takes for the next, and the way to start one now. */
export function Why({ task, training }: { task: Task; training: Training }): ReactNode {
  const { decision, retrain_every: every, new_references: fresh } = training
  const counted = decision?.reason_said?.code === 'waits_for_references'
  return (
    <Card data-testid="why">
      <div className={styles.why}>
        <div>
          <Title order={2} mb={8}>
            {nextTitle(training)}
          </Title>
          {nextOf(training) === 'references' && (
            <>
              <Progress
                value={Math.min(100, (fresh / every) * 100)}
                aria-label={words.progressOf(fresh, every)}
                mb={8}
              />
              {!counted && (
                <Text size="sm" className="figures">
                  {words.progressOf(fresh, every)}
                </Text>
              )}
            </>
          )}
          {decision && (
            <Text size="sm" c="dimmed" mt={8} data-testid="decision">
              {serverSaid(decision.reason_said, decision.reason)}{' '}
              {decision.at && words.since(dayTime(decision.at))}
            </Text>
          )}
        </div>
        {task.role === 'admin' && <RunNow task={task.id} />}
      </div>
    </Card>
  )
}
