import { Button, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import { type Card, listModels } from '../api/training'
import { texts } from '../texts'
import { DeleteModel } from './DeleteModel'
import { Download } from './Download'
import { currentOf } from './figures'
import { Promote } from './Promote'

const words = texts.models

/** What may be done with a version; changes are for admins. */
export function Actions({ card, task }: { card: Card; task: Task }): ReactNode {
  const { data } = useQuery({ queryKey: keys.models(task.id), queryFn: () => listModels(task.id) })
  const models = data ?? []
  const current = currentOf(models)
  const admin = task.role === 'admin'
  const comparable = models.filter((one) => one.comparable)
  const other =
    current && current.id !== card.id ? current : comparable.find((one) => one.id !== card.id)
  const pair = [card.id, other?.id ?? card.id].sort((one, two) => one - two) // the older first
  const may = comparable.some((one) => one.id === card.id) && other?.comparable
  return (
    <Group gap={8}>
      {may && (
        <Button
          size="xs"
          variant="default"
          component={Link}
          to={`/tasks/${task.id}/models/${pair.join('/')}`}
        >
          {words.compare}
        </Button>
      )}
      <Download card={card} admin={admin} />
      {admin && (card.state !== 'current' || card.lost) && card.state !== 'deleted' && (
        <DeleteModel task={task.id} model={card} />
      )}
      {admin && (card.state === 'candidate' || card.state === 'retired') && (
        <Promote
          task={task.id}
          model={card}
          back={current ? card.number < current.number : false}
        />
      )}
    </Group>
  )
}
