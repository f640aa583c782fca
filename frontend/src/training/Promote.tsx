import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { keys } from '../api/queries'
import { type ModelVersion, promote } from '../api/training'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'

/** Makes a version current after one question; an older one is a roll-back. */
export function Promote(props: { task: number; model: ModelVersion; back: boolean }): ReactNode {
  const { task, model, back } = props
  const [asking, setAsking] = useState(false)
  const client = useQueryClient()
  const change = useMutation({
    mutationFn: () => promote(model.id),
    onSuccess: () => {
      setAsking(false)
      return client.invalidateQueries({ queryKey: keys.allOf(task) })
    },
  })
  const verb = back ? texts.training.rollBack : texts.training.promote
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        {verb}
      </Button>
      <Dialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={texts.training.confirm(model.number)}
        centered
      >
        <Text size="sm">{texts.training.confirmHelp}</Text>
        {change.error && (
          <Text size="sm" c="red" role="alert" mt={8}>
            {change.error.message}
          </Text>
        )}
        <Group justify="flex-end" gap={8} mt={24}>
          <Button variant="default" onClick={() => setAsking(false)}>
            {texts.office.cancel}
          </Button>
          <Button data-autofocus loading={change.isPending} onClick={() => change.mutate()}>
            {verb}
          </Button>
        </Group>
      </Dialog>
    </>
  )
}
