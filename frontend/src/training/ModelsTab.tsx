import { Badge, Card, Stack, Table, Text, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Fragment, type ReactNode, useState } from 'react'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import { listModels, type ModelVersion } from '../api/training'
import { dayTime } from '../format'
import { Empty, Loaded } from '../parts/States'
import { texts } from '../texts'
import { currentOf, estimateText, mainFigure } from './figures'
import { ModelCard } from './ModelCard'
import styles from './Models.module.css'
import { Promote } from './Promote'

const COLORS: Record<ModelVersion['state'], string> = {
  current: 'teal',
  candidate: 'gray',
  retired: 'gray',
  refused: 'amber',
}

interface RowProps {
  model: ModelVersion
  current: ModelVersion | undefined
  task: Task
  opened: boolean
  onToggle: () => void
}

function ModelRow({ model, current, task, opened, onToggle }: RowProps): ReactNode {
  const Chevron = opened ? IconChevronDown : IconChevronRight
  return (
    <Table.Tr data-testid={`model-${model.number}`} data-current={model.state === 'current'}>
      <Table.Td>
        <UnstyledButton onClick={onToggle} aria-expanded={opened} className={styles.name}>
          <Chevron size={16} aria-hidden />
          <Text size="sm" fw={600}>
            {texts.training.model(model.number)}
          </Text>
        </UnstyledButton>
      </Table.Td>
      <Table.Td>
        <Badge color={COLORS[model.state]} variant={model.state === 'current' ? 'filled' : 'light'}>
          {texts.training.modelStates[model.state]}
        </Badge>
      </Table.Td>
      <Table.Td>{estimateText(mainFigure(model).estimate)}</Table.Td>
      <Table.Td ta="right">{model.references}</Table.Td>
      <Table.Td>{model.speed === 'full' ? texts.tasks.full : texts.tasks.fast}</Table.Td>
      <Table.Td>{dayTime(model.created_at)}</Table.Td>
      <Table.Td align="right">
        {task.role === 'admin' && (model.state === 'candidate' || model.state === 'retired') && (
          <Promote
            task={task.id}
            model={model}
            back={current ? model.number < current.number : false}
          />
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function ModelTable({ models, task }: { models: ModelVersion[]; task: Task }): ReactNode {
  const current = currentOf(models)
  const [open, setOpen] = useState<number | null>(current?.id ?? null)
  const first = models[0]
  return (
    <Table.ScrollContainer minWidth={800}>
      <Table layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={144}>{texts.training.name}</Table.Th>
            <Table.Th w={112}>{texts.tasks.state}</Table.Th>
            <Table.Th>{first ? mainFigure(first).name : ''}</Table.Th>
            <Table.Th w={112} ta="right">
              {texts.training.references}
            </Table.Th>
            <Table.Th w={80}>{texts.training.speed}</Table.Th>
            <Table.Th w={144}>{texts.datasets.made}</Table.Th>
            <Table.Th w={168} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model) => (
            <Fragment key={model.id}>
              <ModelRow
                model={model}
                current={current}
                task={task}
                opened={open === model.id}
                onToggle={() => setOpen(open === model.id ? null : model.id)}
              />
              {open === model.id && (
                <Table.Tr>
                  <Table.Td colSpan={7} className={styles.opened}>
                    <ModelCard model={model} form={task.form} />
                  </Table.Td>
                </Table.Tr>
              )}
            </Fragment>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** Every version with its figures on the locked test; one is current. */
export function ModelsTab({ task }: { task: Task }): ReactNode {
  const query = useQuery({ queryKey: keys.models(task.id), queryFn: () => listModels(task.id) })
  return (
    <Stack>
      <Card padding={0}>
        <Loaded
          query={query}
          isEmpty={(models) => models.length === 0}
          empty={<Empty title={texts.training.modelsEmpty} help={texts.training.modelsEmptyHelp} />}
        >
          {(models) => <ModelTable models={models} task={task} />}
        </Loaded>
      </Card>
    </Stack>
  )
}
