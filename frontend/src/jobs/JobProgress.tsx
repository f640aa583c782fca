import { Button, Group, Progress, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { cancelJob, isLive, type Job } from '../api/jobs'
import { duration } from '../format'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'

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

/** Cancel is asked for at once and happens at the job's next step. */
export function CancelJob({ job }: { job: Job }): ReactNode {
  const client = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSettled: () => client.invalidateQueries(),
  })
  if (!isLive(job)) return null
  return (
    <>
      <Button
        size="xs"
        variant="default"
        flex="none"
        loading={cancel.isPending}
        disabled={job.cancel_requested}
        onClick={() => cancel.mutate()}
      >
        {texts.office.cancel}
      </Button>
      {cancel.error && (
        <Text size="xs" c="red" role="alert">
          {cancel.error.message}
        </Text>
      )}
    </>
  )
}

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
