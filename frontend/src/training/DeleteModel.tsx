import { Button, Group, Text, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { keys } from '../api/queries'
import { deleteModel, type ModelVersion } from '../api/training'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'

const words = texts.models

/** Asks why before a version's weights are gone for good. */
export function DeleteModel({ task, model }: { task: number; model: ModelVersion }): ReactNode {
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => deleteModel(model.id, reason),
    onSuccess: () => {
      setAsking(false)
      return client.invalidateQueries({ queryKey: keys.allOf(task) })
    },
  })
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        {words.remove}
      </Button>
      <Dialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={words.removeTitle(model.number)}
        centered
      >
        <Text size="sm" mb={16}>
          {words.removeHelp}
        </Text>
        <Textarea
          label={words.removeReason}
          value={reason}
          maxLength={1000}
          autosize
          minRows={2}
          data-autofocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {remove.error && (
          <Text size="sm" c="red" role="alert" mt={8}>
            {remove.error.message}
          </Text>
        )}
        <Group justify="flex-end" gap={8} mt={24}>
          <Button variant="default" onClick={() => setAsking(false)}>
            {texts.office.cancel}
          </Button>
          <Button
            color="red"
            disabled={!reason.trim()}
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {words.remove}
          </Button>
        </Group>
      </Dialog>
    </>
  )
}
