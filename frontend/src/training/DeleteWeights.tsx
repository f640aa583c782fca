import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { deleteStart, type StartingWeights } from '../api/encoders'
import { keys } from '../api/queries'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'

const words = texts.starts

/** Asks once; the server says what still refers to them. */
export function DeleteWeights(props: { task: number; weights: StartingWeights }): ReactNode {
  const { task, weights } = props
  const [asking, setAsking] = useState(false)
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => deleteStart(task, weights.id),
    onSuccess: () => {
      setAsking(false)
      return client.invalidateQueries({ queryKey: keys.starts(task) })
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
        title={words.removeTitle(weights.name)}
        centered
      >
        <Text size="sm">{words.removeHelp}</Text>
        {remove.error && (
          <Text size="sm" c="red" role="alert" mt={8}>
            {remove.error.message}
          </Text>
        )}
        <Group justify="flex-end" gap={8} mt={24}>
          <Button variant="default" onClick={() => setAsking(false)}>
            {texts.office.cancel}
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {words.remove}
          </Button>
        </Group>
      </Dialog>
    </>
  )
}
