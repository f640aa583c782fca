import {
  Badge,
  Card,
  Checkbox,
  Group,
  SegmentedControl,
  Stack,
  Switch,
  Table,
  Text,
} from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Field, Form } from '../api/forms'
import { keys } from '../api/queries'
import {
  type CaseFlag,
  type Discussion,
  getWorklist,
  type Task,
  type WorklistPrediction,
  type WorklistRow,
} from '../api/tasks'
import { dayTime } from '../format'
import { chanceText } from '../geometry/zoom'
import { answersText, slotsOf } from '../kinds/slots'
import { kindOf } from '../kinds/table'
import { More } from '../parts/More'
import { Empty, Loaded } from '../parts/States'
import { Thumbnail } from '../parts/Thumbnail'
import { texts } from '../texts'
import styles from './Worklist.module.css'

const COLORS: Record<WorklistRow['state'], string> = {
  waiting: 'gray',
  leased: 'amber',
  read: 'teal',
}

function fieldOf(form: Form, slot: string | undefined): Field | undefined {
  const slots = slotsOf(form)
  return (slots.find((one) => one.slot === slot) ?? slots[0])?.field
}

function predictionText(form: Form, prediction: WorklistPrediction): string {
  const field = fieldOf(form, prediction.slot)
  const value = field ? kindOf(field).valueText(field, prediction.value) : String(prediction.value)
  return `${value} · ${chanceText(prediction.probability)}`
}

/** One small badge; its sentences show when it is pointed at, and to a screen reader. */
function Flags({ flags }: { flags: CaseFlag[] }): ReactNode {
  const [first] = flags
  if (!first) return null
  const sentences = flags.map((flag) => flag.sentence).join(' ')
  return (
    <Badge ml={8} size="sm" color="amber" variant="light" title={sentences} aria-label={sentences}>
      {texts.tasks.flags[first.code] ?? texts.tasks.unclear}
      {flags.length > 1 && ` +${flags.length - 1}`}
    </Badge>
  )
}

/** Who wants to talk about the case, and why where that may be shown. */
function Discussions({ of }: { of: Discussion[] }): ReactNode {
  return of.map(({ by, note }) => (
    <Text key={by} size="xs" fw={400} maw={320}>
      <Badge size="sm" variant="outline" mr={8} miw="max-content">
        {texts.losses.toDiscuss}
      </Badge>
      {note ? `${by}: ${note}` : by}
    </Text>
  ))
}

interface RowsProps {
  task: Task
  /** Whether the columns of the model are shown. */
  reveal: boolean
}

function Row({ row, task, reveal }: RowsProps & { row: WorklistRow }): ReactNode {
  const admin = task.role === 'admin'
  const { prediction } = row
  return (
    <Table.Tr>
      <Table.Td>
        <Thumbnail src={row.thumbnail} />
      </Table.Td>
      <Table.Td fw={600}>
        {row.name}
        <Flags flags={row.flags} />
        <Discussions of={row.discussion} />
      </Table.Td>
      <Table.Td>
        <Badge color={COLORS[row.state]} miw="max-content">
          {texts.tasks.states[row.state]}
        </Badge>
        {row.withheld && (
          <Text size="xs" c="dimmed">
            {texts.tasks.withheld}
          </Text>
        )}
        {row.unreadable && (
          <Text size="xs" c="dimmed" maw={280}>
            {texts.tasks.unreadable(row.unreadable)}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {row.reader ?? texts.office.none}
        <Text size="xs" c="dimmed">
          {row.read_at && dayTime(row.read_at)}
        </Text>
      </Table.Td>
      <Table.Td>{row.answers ? answersText(task.form, row.answers) : texts.office.none}</Table.Td>
      {reveal && (
        <>
          <Table.Td>
            {prediction ? (
              <span className={styles.model}>{predictionText(task.form, prediction)}</span>
            ) : (
              texts.office.none
            )}
            {prediction?.stale && (
              <Text size="xs" c="dimmed">
                {texts.tasks.stale(prediction.model)}
              </Text>
            )}
          </Table.Td>
          <Table.Td ta="right">{prediction?.uncertainty?.toFixed(2) ?? texts.office.none}</Table.Td>
        </>
      )}
      {admin && (
        <Table.Td>
          {row.split ? (texts.models.split[row.split] ?? row.split) : texts.office.none}
        </Table.Td>
      )}
    </Table.Tr>
  )
}

function Cases({ rows, task, reveal }: RowsProps & { rows: WorklistRow[] }): ReactNode {
  const admin = task.role === 'admin'
  return (
    <Table.ScrollContainer minWidth={reveal ? 960 : 720}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={72} />
            <Table.Th>{texts.tasks.case}</Table.Th>
            <Table.Th>{texts.tasks.state}</Table.Th>
            <Table.Th>{texts.tasks.reader}</Table.Th>
            <Table.Th>{texts.tasks.answer}</Table.Th>
            {reveal && (
              <>
                <Table.Th>{texts.tasks.prediction}</Table.Th>
                <Table.Th ta="right">{texts.tasks.uncertainty}</Table.Th>
              </>
            )}
            {admin && <Table.Th>{texts.tasks.split}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Row key={row.case} row={row} task={task} reveal={reveal} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

const FILTERS = Object.entries(texts.tasks.filters).map(([value, label]) => ({ value, label }))

/** The cases in the order in which they will be read. */
export function WorklistTab({ task }: { task: Task }): ReactNode {
  const [search, setSearch] = useSearchParams()
  const discuss = search.has('discuss')
  const [filter, setFilter] = useState(discuss ? 'all' : 'waiting')
  const [reveal, setReveal] = useState(false)
  const state = filter === 'all' ? '' : filter
  const query = useInfiniteQuery({
    queryKey: keys.worklist(task.id, state, String(reveal), String(discuss)),
    queryFn: ({ pageParam }) => getWorklist(task.id, { state, reveal, discuss }, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })
  return (
    <Stack gap={16}>
      <Group justify="space-between" align="start">
        <Group gap={24}>
          <SegmentedControl data={FILTERS} value={filter} onChange={setFilter} />
          <Checkbox
            checked={discuss}
            onChange={(event) => {
              setSearch(event.currentTarget.checked ? { discuss: '' } : {}, { replace: true })
              setFilter(event.currentTarget.checked ? 'all' : filter)
            }}
            label={texts.tasks.onlyDiscuss}
          />
        </Group>
        {task.role === 'admin' && (
          <Switch
            w={440}
            checked={reveal}
            onChange={(event) => setReveal(event.currentTarget.checked)}
            label={texts.tasks.reveal}
            description={texts.tasks.revealIs}
          />
        )}
      </Group>
      <Card padding={0}>
        <Loaded
          query={query}
          isEmpty={(data) => data.pages[0]?.results.length === 0}
          empty={<Empty title={texts.tasks.worklistEmpty} help={texts.tasks.worklistEmptyHelp} />}
        >
          {(data) => (
            <Cases rows={data.pages.flatMap((page) => page.results)} task={task} reveal={reveal} />
          )}
        </Loaded>
      </Card>
      <More query={query} />
    </Stack>
  )
}
