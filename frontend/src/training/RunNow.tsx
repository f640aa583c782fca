import { Button, Menu, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { keys } from '../api/queries'
import { retrain, type Speed } from '../api/training'
import { texts } from '../texts'
import styles from './Models.module.css'

const SPEEDS: { speed: Speed; label: string; is: string }[] = [
  { speed: 'fast', label: texts.tasks.fast, is: texts.tasks.fastIs },
  { speed: 'full', label: texts.tasks.full, is: texts.tasks.fullIs },
]

/** "Retrain now", fast or full; the server says why when it will not. */
export function RunNow({ task }: { task: number }): ReactNode {
  const client = useQueryClient()
  const start = useMutation({
    mutationFn: (speed: Speed) => retrain(task, speed),
    onSettled: () => client.invalidateQueries({ queryKey: keys.training(task) }),
  })
  return (
    <div className={styles.now}>
      <Menu position="bottom-start" width={296}>
        <Menu.Target>
          <Button
            variant="default"
            fullWidth
            loading={start.isPending}
            rightSection={<IconChevronDown size={16} />}
          >
            {texts.tasks.retrain}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {SPEEDS.map(({ speed, label, is }) => (
            <Menu.Item key={speed} onClick={() => start.mutate(speed)}>
              <Text size="sm" fw={600}>
                {label}
              </Text>
              <Text size="xs" c="dimmed">
                {is}
              </Text>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {start.error && (
        <Text size="sm" c="red" role="alert">
          {start.error.message}
        </Text>
      )}
    </div>
  )
}
