import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { holdImage } from '../../api/holds'
import { getMe } from '../../api/me'
import { keys } from '../../api/queries'
import { Dialog } from '../../parts/Dialog'
import { texts } from '../../texts'
import styles from './Lightbox.module.css'

const words = texts.study.hold

/** Staff take an image away from all others when they see a name in it: no search for text finds everything. */
export function HoldBack(props: { uid: string; onHeld: () => void }): ReactNode {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const staff = useQuery({ queryKey: keys.me, queryFn: getMe }).data?.is_staff ?? false
  const hold = useMutation({
    mutationFn: () => holdImage(props.uid),
    onSuccess: () => {
      for (const key of [keys.holds(), keys.studies(), ['study']])
        void client.invalidateQueries({ queryKey: key })
      props.onHeld()
    },
  })
  if (!staff) return null
  return (
    <>
      <Button
        size="compact-sm"
        variant="transparent"
        className={styles.button}
        onClick={() => setAsking(true)}
      >
        {words.ask}
      </Button>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={words.title} size="sm">
        <Text size="sm" mb={16}>
          {words.help}
        </Text>
        {hold.error && (
          <Text size="sm" c="red" role="alert" mb={16}>
            {hold.error.message}
          </Text>
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={() => setAsking(false)}>
            {words.no}
          </Button>
          <Button loading={hold.isPending} onClick={() => hold.mutate()} data-autofocus>
            {words.yes}
          </Button>
        </Group>
      </Dialog>
    </>
  )
}
