import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { getStarts, pretrain } from '../api/encoders'
import { isLive } from '../api/jobs'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import { JobProgress } from '../jobs/JobProgress'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'
import { Lines } from './Log'

const words = texts.starts

/** The pre-training under way, if there is one. */
export function Pretraining({ task }: { task: Task }): ReactNode {
  const { data } = useQuery({ queryKey: keys.starts(task.id), queryFn: () => getStarts(task.id) })
  const job = data?.job
  if (!job || !isLive(job)) return null
  return (
    <Card data-testid="pretraining">
      <Title order={2} mb={8}>
        {words.pretraining}
      </Title>
      <Stack gap={24}>
        <JobProgress job={job} mayCancel={task.role === 'admin'} />
        <Lines lines={job.detail?.log ?? []} />
      </Stack>
    </Card>
  )
}

/** Asks once before the machine is busy for long. */
export function Pretrain({ task, busy }: { task: number; busy: boolean }): ReactNode {
  const [asking, setAsking] = useState(false)
  const client = useQueryClient()
  const start = useMutation({
    mutationFn: () => pretrain(task),
    onSuccess: () => {
      setAsking(false)
      return client.invalidateQueries({ queryKey: keys.starts(task) })
    },
  })
  return (
    <>
      <Button
        size="xs"
        variant="default"
        disabled={busy}
        title={busy ? words.pretraining : undefined}
        onClick={() => setAsking(true)}
      >
        {words.pretrain}
      </Button>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={words.pretrainTitle} centered>
        <Text size="sm">{words.pretrainHelp}</Text>
        {start.error && (
          <Text size="sm" c="red" role="alert" mt={8}>
            {start.error.message}
          </Text>
        )}
        <Group justify="flex-end" gap={8} mt={24}>
          <Button variant="default" onClick={() => setAsking(false)}>
            {texts.office.cancel}
          </Button>
          <Button data-autofocus loading={start.isPending} onClick={() => start.mutate()}>
            {words.pretrain}
          </Button>
        </Group>
      </Dialog>
    </>
  )
}
