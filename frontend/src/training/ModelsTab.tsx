import { Anchor, Badge, Button, Card, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, useParams } from 'react-router'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import { listModels, type ModelVersion } from '../api/training'
import { dayTime } from '../format'
import { slotsOf } from '../kinds/slots'
import { Empty, Loaded } from '../parts/States'
import { texts } from '../texts'
import { CardPage } from './CardPage'
import { ComparePage } from './ComparePage'
import { COLORS, currentOf, estimateText, mainFigure, mainFigures } from './figures'
import { History } from './History'
import { Promote } from './Promote'
import { Starts } from './Starts'

/** Of a form with more answers that are measured; the card has them all. */
const FIGURES = 3

/** The main figure of each answer that was measured; of a form with one answer the table's head names it. */
function Figures({ model, task }: { model: ModelVersion; task: Task }): ReactNode {
  const slots = slotsOf(task.form)
  const found = mainFigures(model)
  if (slots.length === 1 || !found.length) return estimateText(found[0]?.estimate)
  return (
    <>
      {found.slice(0, FIGURES).map(({ slot, name, estimate }) => (
        <Text size="sm" key={slot} className="figures">
          <Text span size="sm" c="dimmed">
            {slots.find((one) => one.slot === slot)?.label ?? slot}: {name}
          </Text>{' '}
          {estimateText(estimate)}
        </Text>
      ))}
      {found.length > FIGURES && (
        <Text size="sm" c="dimmed">
          {texts.models.moreFigures(found.length - FIGURES)}
        </Text>
      )}
    </>
  )
}

interface RowProps {
  model: ModelVersion
  current: ModelVersion | undefined
  task: Task
}

function ModelRow({ model, current, task }: RowProps): ReactNode {
  return (
    <Table.Tr data-testid={`model-${model.number}`} data-current={model.state === 'current'}>
      <Table.Td>
        <Anchor
          component={Link}
          to={`/tasks/${task.id}/models/${model.id}`}
          size="sm"
          fw={600}
          aria-label={texts.models.open(model.number)}
        >
          {texts.models.title(model.number)}
        </Anchor>
      </Table.Td>
      <Table.Td>
        <Badge color={COLORS[model.state]} variant={model.state === 'current' ? 'filled' : 'light'}>
          {texts.training.modelStates[model.state]}
        </Badge>
      </Table.Td>
      <Table.Td>
        <Figures model={model} task={task} />
      </Table.Td>
      <Table.Td ta="right" visibleFrom="lg">
        {model.references}
      </Table.Td>
      <Table.Td visibleFrom="lg">
        {model.speed === 'full' ? texts.tasks.full : texts.tasks.fast}
      </Table.Td>
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
  const [first] = models
  const one = slotsOf(task.form).length === 1 && first
  const head = one ? mainFigure(first).name : texts.training.lockedTest
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={96}>{texts.training.name}</Table.Th>
            <Table.Th w={104}>{texts.tasks.state}</Table.Th>
            <Table.Th>{head}</Table.Th>
            <Table.Th w={128} ta="right" visibleFrom="lg">
              {texts.training.references}
            </Table.Th>
            <Table.Th w={80} visibleFrom="lg">
              {texts.training.speed}
            </Table.Th>
            <Table.Th w={136}>{texts.datasets.made}</Table.Th>
            <Table.Th w={176} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model) => (
            <ModelRow key={model.id} model={model} current={current} task={task} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** Into the comparison of the newest with the current one, else with the one before. */
function Compare({ models, task }: { models: ModelVersion[]; task: Task }): ReactNode {
  const comparable = models.filter((model) => model.comparable)
  const there = comparable.filter((model) => model.state !== 'deleted')
  const [newest, ...others] = there.length > 1 ? there : comparable
  const other = others.find((model) => model.state === 'current') ?? others[0]
  if (!newest || !other) return null
  return (
    <Group justify="flex-end">
      <Button
        variant="default"
        component={Link}
        to={`/tasks/${task.id}/models/${other.id}/${newest.id}`}
      >
        {texts.models.compare}
      </Button>
    </Group>
  )
}

function AllModels({ task }: { task: Task }): ReactNode {
  const query = useQuery({ queryKey: keys.models(task.id), queryFn: () => listModels(task.id) })
  return (
    <Stack gap={24}>
      {query.data && <Compare models={query.data} task={task} />}
      <Card padding={0}>
        <Loaded
          query={query}
          isEmpty={(models) => models.length === 0}
          empty={<Empty title={texts.training.modelsEmpty} help={texts.training.modelsEmptyHelp} />}
        >
          {(models) => <ModelTable models={models} task={task} />}
        </Loaded>
      </Card>
      <Starts task={task} />
      {query.data && <History task={task} models={query.data} />}
    </Stack>
  )
}

/** Every version with its figures on the locked test; below it, the card of one, or two side by side. */
export function ModelsTab({ task }: { task: Task }): ReactNode {
  const [one, other] = [useParams().one, useParams().other].map(Number)
  if (one && other) return <ComparePage task={task} one={one} other={other} />
  return one ? <CardPage task={task} model={one} /> : <AllModels task={task} />
}
