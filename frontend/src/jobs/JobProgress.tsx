import { Group, Progress, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { isLive, type Job } from '../api/jobs'
import { duration } from '../format'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'
import { CancelJob } from './CancelJob'

/** "Epoch 5 of 12 · loss 0.812 · about 6 min left" */
export function progressText(job: Job): string {
  if (job.cancel_requested && isLive(job)) return texts.training.cancelling
  if (job.state === 'queued') return texts.training.queued
  if (job.state === 'running' && !job.text) return texts.training.starting
  const { loss, eta_seconds: eta } = job.detail ?? {}
  return [
    serverSaid(job.text_said, job.text),
    typeof loss === 'number' ? texts.training.lossIs(loss) : '',
    typeof eta === 'number' ? texts.training.eta(duration(eta)) : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Why a job failed or is put off. */
export const errorText = (job: Job): string => serverSaid(job.error_said, job.error)

/** A job that runs: how far, what it says of itself, and the way to stop it. */
export function JobProgress({ job, mayCancel }: { job: Job; mayCancel: boolean }): ReactNode {
  return (
    <div data-testid="job-progress">
      <Group justify="space-between" wrap="nowrap" mb={8} mih={32}>
        <Text size="sm" className="figures">
          {progressText(job)}
        </Text>
        {mayCancel && <CancelJob job={job} />}
      </Group>
      <Progress
        value={job.progress * 100}
        animated={job.state === 'running'}
        aria-label={progressText(job) || texts.jobs.progress}
      />
    </div>
  )
}
