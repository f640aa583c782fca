import { Alert, Button, Card, Group, Select, Stack, Table, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useNavigate } from 'react-router'
import type { Field, Form } from '../api/forms'
import type { Job } from '../api/jobs'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import {
  type ComparedSlot,
  type Comparison,
  compareModels,
  listModels,
  type ModelVersion,
} from '../api/training'
import { errorText } from '../jobs/JobProgress'
import { slotsOf } from '../kinds/slots'
import { Back } from '../parts/Back'
import { Empty, Loaded } from '../parts/States'
import { texts } from '../texts'
import { Disagreements } from './Disagreements'
import { estimateText, figureName, signedText } from './figures'
import styles from './Models.module.css'
import { figuresOf, SlotPlots } from './SlotFigures'

const words = texts.models

interface SlotProps {
  of: Comparison
  slot: ComparedSlot
  label: string
  field: Field | undefined
}

function Difference({ of, slot }: { of: Comparison; slot: ComparedSlot }): ReactNode {
  const { low, high, value } = slot.difference
  const known = value !== null && low !== null && high !== null
  return (
    <Text data-testid="difference">
      {texts.office.told(words.difference(of.newer, of.older), figureName(slot.metric))}{' '}
      <strong className="figures">{signedText(slot.difference)}</strong>{' '}
      {known && (low <= 0 && high >= 0 ? words.differenceNone : words.differenceSome)}
    </Text>
  )
}

/** Each figure of both, in one row. */
function Figures({ of, slot, field }: Omit<SlotProps, 'label'>): ReactNode {
  const newer = new Map(figuresOf(slot.newer))
  return (
    <Table verticalSpacing={4} maw={720} mx={-16}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th />
          <Table.Th>{words.title(of.older)}</Table.Th>
          <Table.Th>{words.title(of.newer)}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {figuresOf(slot.older).map(([name, estimate]) => (
          <Table.Tr key={name}>
            <Table.Td>{figureName(name, field)}</Table.Td>
            <Table.Td>{estimateText(estimate)}</Table.Td>
            <Table.Td>{estimateText(newer.get(name))}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Slot(props: SlotProps): ReactNode {
  const { of, slot, label, field } = props
  const sides: [number, ComparedSlot['older']][] = [
    [of.older, slot.older],
    [of.newer, slot.newer],
  ]
  return (
    <Card>
      <Stack gap={24}>
        <div>
          <Title order={2} mb={4}>
            {label}
          </Title>
          <Difference of={of} slot={slot} />
        </div>
        <Figures of={of} slot={slot} field={field} />
        <div className={styles.halves}>
          {sides.map(([number, metrics]) => (
            <Stack key={number} gap={16}>
              <Title order={2}>{words.title(number)}</Title>
              <SlotPlots kind={slot.kind} metrics={metrics} field={field} />
            </Stack>
          ))}
        </div>
        <Disagreements of={of} slot={slot} field={field} />
      </Stack>
    </Card>
  )
}

function Result({ of, form }: { of: Comparison; form: Form }): ReactNode {
  const slots = slotsOf(form)
  const entries = Object.entries(of.slots)
  if (entries.length === 0)
    return (
      <Card>
        <Empty title={words.compareNone} help={words.compareNoneHelp} />
      </Card>
    )
  return (
    <Stack gap={24} data-testid="comparison">
      <Text c="dimmed">{words.compareSays(of.n, of.n_patients)}</Text>
      {entries.map(([name, slot]) => {
        const known = slots.find((one) => one.slot === name)
        return (
          <Slot key={name} of={of} slot={slot} label={known?.label ?? name} field={known?.field} />
        )
      })}
    </Stack>
  )
}

function Choose(props: {
  label: string
  value: number
  models: ModelVersion[]
  onChange: (id: string) => void
}): ReactNode {
  return (
    <Select
      label={props.label}
      value={String(props.value)}
      allowDeselect={false}
      data={props.models.map((model) => ({
        value: String(model.id),
        label: `${words.title(model.number)} · ${texts.training.modelStates[model.state]}`,
      }))}
      onChange={(id) => id && props.onChange(id)}
    />
  )
}

interface PendingProps {
  job: Job | null
  asking: boolean
  onAgain: () => void
}

/** No result yet: it is worked out, or it can be asked for again. */
function Pending({ job, asking, onAgain }: PendingProps): ReactNode {
  if (job?.state !== 'failed' && job?.state !== 'cancelled')
    return (
      <Alert color="gray" role="status">
        {words.comparing}
      </Alert>
    )
  const failed = job.state === 'failed'
  return (
    <Alert color={failed ? 'red' : 'gray'} role="status">
      <Group justify="space-between" wrap="nowrap">
        {failed ? texts.office.told(words.compareFailed, errorText(job)) : words.compareCancelled}
        <Button size="xs" variant="default" flex="none" loading={asking} onClick={onAgain}>
          {texts.office.retry}
        </Button>
      </Group>
    </Alert>
  )
}

/** Two versions side by side on the same cases of the locked test. */
export function ComparePage(props: { task: Task; one: number; other: number }): ReactNode {
  const { task } = props
  // a later version has a larger id
  const [one, other] = [Math.min(props.one, props.other), Math.max(props.one, props.other)]
  const navigate = useNavigate()
  const client = useQueryClient()
  const models = useQuery({ queryKey: keys.models(task.id), queryFn: () => listModels(task.id) })
  const queryKey = keys.comparison(task.id, one, other)
  const comparison = useQuery({ queryKey, queryFn: () => compareModels(one, other) })
  const again = useMutation({
    mutationFn: () => compareModels(one, other, true),
    onSuccess: (asked) => client.setQueryData(queryKey, asked),
  })
  const to = (left: number | string, right: number | string): void =>
    void navigate(`/tasks/${task.id}/models/${left}/${right}`, { replace: true })
  const comparable = (models.data ?? []).filter((model) => model.comparable)
  return (
    <>
      <Back to={`/tasks/${task.id}/models`} label={words.back} />
      <Title order={2} fz={20} mb={16}>
        {words.compareTitle}
      </Title>
      <Group gap={16} mb={24} align="end">
        <Choose
          label={words.chooseOlder}
          value={one}
          models={comparable.filter((model) => model.id < other)}
          onChange={(id) => to(id, other)}
        />
        <Choose
          label={words.chooseNewer}
          value={other}
          models={comparable.filter((model) => model.id > one)}
          onChange={(id) => to(one, id)}
        />
      </Group>
      <Loaded query={comparison}>
        {({ result, job }) =>
          result ? (
            <Result of={result} form={task.form} />
          ) : (
            <Pending job={job} asking={again.isPending} onAgain={again.mutate} />
          )
        }
      </Loaded>
    </>
  )
}
