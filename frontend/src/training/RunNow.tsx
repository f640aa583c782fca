import { Button, Menu, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { keys } from '../api/queries'
import { getStartable, getTraining, retrain, type Speed } from '../api/training'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'
import styles from './Models.module.css'

const SPEEDS: { speed: Speed; label: string; is: string }[] = [
  { speed: 'fast', label: texts.tasks.fast, is: texts.tasks.fastIs },
  { speed: 'full', label: texts.tasks.full, is: texts.tasks.fullIs },
]

/** "Retrain now", fast or full; where the server would not start one, it says so beforehand. */
export function RunNow({ task }: { task: number }): ReactNode {
  const client = useQueryClient()
  const training = useQuery({ queryKey: keys.training(task), queryFn: () => getTraining(task) })
  const live = training.data?.run?.id ?? 0
  // asked anew when a run begins or ends, not at each word of its progress
  const startable = useQuery({
    queryKey: keys.startable(task, live),
    queryFn: () => getStartable(task),
    placeholderData: keepPreviousData,
  })
  const start = useMutation({
    mutationFn: (speed: Speed) => retrain(task, speed),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.training(task) }),
        client.invalidateQueries({ queryKey: keys.startable(task) }),
      ]),
  })
  const whyNot = (speed: Speed): string => {
    const { why_not = '', why_not_said } = startable.data?.[speed] ?? {}
    return serverSaid(why_not_said, why_not)
  }
  const reasons = SPEEDS.map(({ speed }) => whyNot(speed))
  const held = reasons.every(Boolean) ? [...new Set(reasons)] : []
  const sentences = start.error && !held.length ? [start.error.message] : held
  return (
    <div className={styles.now}>
      <Menu position="bottom-start" width={296}>
        <Menu.Target>
          <Button
            variant="default"
            fullWidth
            disabled={startable.isPending || held.length > 0}
            loading={start.isPending}
            rightSection={<IconChevronDown size={16} />}
          >
            {texts.tasks.retrain}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {SPEEDS.map(({ speed, label, is }) => (
            <Menu.Item key={speed} disabled={!!whyNot(speed)} onClick={() => start.mutate(speed)}>
              <Text size="sm" fw={600}>
                {label}
              </Text>
              <Text size="xs" c="dimmed">
                {whyNot(speed) || is}
              </Text>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {sentences.map((sentence) => (
        <Text
          key={sentence}
          size="sm"
          c={held.length ? 'dimmed' : 'red'}
          role={held.length ? undefined : 'alert'}
        >
          {sentence}
        </Text>
      ))}
    </div>
  )
}
