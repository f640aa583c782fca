import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { cancelJob, isLive, type Job } from '../api/jobs'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'

const words = texts.jobs

/** Work of hours: cancelled, it leaves nothing. */
const LONG = 'train'

/** Cancel is asked for at once and happens at the job's next step; what has learned for long asks once before. */
export function CancelJob({ job }: { job: Job }): ReactNode {
  const [asking, setAsking] = useState(false)
  const client = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSuccess: () => setAsking(false),
    onSettled: () => client.invalidateQueries(),
  })
  if (!isLive(job)) return null
  const failed = cancel.error && (
    <Text size="xs" c="red" role="alert" mt={asking ? 8 : 0}>
      {cancel.error.message}
    </Text>
  )
  return (
    <>
      <Button
        size="xs"
        variant="default"
        flex="none"
        loading={cancel.isPending}
        disabled={job.cancel_requested}
        onClick={() => (job.queue === LONG ? setAsking(true) : cancel.mutate())}
      >
        {texts.office.cancel}
      </Button>
      {!asking && failed}
      <Dialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={words.cancelTitle(words.kinds[job.kind] ?? job.kind)}
        centered
      >
        <Text size="sm">{words.cancelHelp}</Text>
        {failed}
        <Group justify="flex-end" gap={8} mt={24}>
          <Button data-autofocus variant="default" onClick={() => setAsking(false)}>
            {words.goOn}
          </Button>
          <Button color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {words.cancelIt}
          </Button>
        </Group>
      </Dialog>
    </>
  )
}
