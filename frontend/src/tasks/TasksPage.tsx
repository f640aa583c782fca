import { Anchor, Button, Card, Group, Progress, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { getMe } from '../api/me'
import { keys } from '../api/queries'
import { listTasks, type TaskRow } from '../api/tasks'
import { listModels } from '../api/training'
import { taskName } from '../kinds/words'
import { Heading } from '../parts/Page'
import { Empty, Loaded } from '../parts/States'
import { texts } from '../texts'
import { currentOf, estimateText, mainFigure } from '../training/figures'
import { NewTask } from './NewTask'

function CurrentModel({ task }: { task: number }): ReactNode {
  const { data } = useQuery({ queryKey: keys.models(task), queryFn: () => listModels(task) })
  if (!data) return texts.office.none
  const model = currentOf(data)
  if (!model) return <Text c="dimmed">{texts.tasks.noModel}</Text>
  const { name, estimate } = mainFigure(model)
  return (
    <>
      {texts.training.model(model.number)}
      <Text size="xs" c="dimmed">
        {name} {estimateText(estimate)}
      </Text>
    </>
  )
}

function Row({ task }: { task: TaskRow }): ReactNode {
  return (
    <Table.Tr data-testid={`task-${task.id}`}>
      <Table.Td>
        <Anchor component={Link} to={`/tasks/${task.id}`} fw={600}>
          {taskName(task)}
        </Anchor>
        <Text size="xs" c="dimmed">
          {texts.tasks.roles[task.role]}
        </Text>
      </Table.Td>
      <Table.Td>
        <Group gap={12} wrap="nowrap">
          <Progress
            w={120}
            value={task.cases ? (100 * task.read) / task.cases : 0}
            aria-label={texts.reading.of(task.read, task.cases)}
          />
          <span className="figures">{texts.reading.of(task.read, task.cases)}</span>
        </Group>
      </Table.Td>
      <Table.Td>
        <CurrentModel task={task.id} />
      </Table.Td>
      <Table.Td align="right">
        <Button
          size="xs"
          component={Link}
          to={`/read/${task.id}`}
          disabled={task.waiting === 0}
          variant={task.waiting ? 'filled' : 'default'}
        >
          {texts.tasks.read}
        </Button>
      </Table.Td>
    </Table.Tr>
  )
}

/** Where everybody starts: what there is to read. */
export function TasksPage(): ReactNode {
  const tasks = useQuery({ queryKey: keys.tasks, queryFn: listTasks })
  const me = useQuery({ queryKey: keys.me, queryFn: getMe })
  return (
    <>
      <Heading title={texts.tasks.title} actions={me.data?.is_staff && <NewTask />} />
      <Card padding={0}>
        <Loaded
          query={tasks}
          isEmpty={(found) => found.length === 0}
          empty={<Empty title={texts.tasks.empty} help={texts.tasks.emptyHelp} />}
        >
          {(found) => (
            <Table.ScrollContainer minWidth={720}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{texts.tasks.name}</Table.Th>
                    <Table.Th>{texts.tasks.progress}</Table.Th>
                    <Table.Th>{texts.tasks.model}</Table.Th>
                    <Table.Th />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {found.map((task) => (
                    <Row key={task.id} task={task} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Loaded>
      </Card>
    </>
  )
}
