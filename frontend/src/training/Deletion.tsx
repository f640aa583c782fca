import { Button, Group, Text } from '@mantine/core'
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'

interface DeletionProps {
  label: string
  title: string
  help: string
  remove: () => Promise<unknown>
  /** What is asked anew once it is gone. */
  stale: QueryKey
  /** Whether all is given that it needs. */
  ready?: boolean
  children?: ReactNode
}

/** A button that asks once before something is gone for good; the server says what stands against it. */
export function Deletion(props: DeletionProps): ReactNode {
  const { label, title, help, stale, ready = true, children } = props
  const [asking, setAsking] = useState(false)
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: props.remove,
    onSuccess: () => {
      setAsking(false)
      return client.invalidateQueries({ queryKey: stale })
    },
  })
  return (
    <>
      <Button size="xs" variant="default" flex="none" onClick={() => setAsking(true)}>
        {label}
      </Button>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={title} centered>
        <Text size="sm">{help}</Text>
        {children}
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
            disabled={!ready}
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {label}
          </Button>
        </Group>
      </Dialog>
    </>
  )
}
