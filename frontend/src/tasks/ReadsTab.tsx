import { Badge, Card, Group, SegmentedControl, Stack, Table, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { Form } from '../api/forms'
import { keys } from '../api/queries'
import { listReads, type ReadRow, type ReadsPage, type ReadsWanted } from '../api/reads'
import type { Task } from '../api/tasks'
import { dayTime, duration } from '../format'
import { answersText } from '../kinds/slots'
import { More } from '../parts/More'
import { Empty, Loaded } from '../parts/States'
import { Thumbnail } from '../parts/Thumbnail'
import { texts } from '../texts'
import styles from './Reads.module.css'

const SEARCH_AFTER_MS = 250
const { losses } = texts

function Marks({ row }: { row: ReadRow }): ReactNode {
  return (
    <Group gap={4}>
      {row.amended_at && (
        <Badge color="teal" variant="light" title={row.amend_reason}>
          {losses.amended} {dayTime(row.amended_at)}
        </Badge>
      )}
      {row.flagged && (
        <Badge color="amber" variant="light" title={row.flag_note}>
          {losses.toDiscuss}
        </Badge>
      )}
    </Group>
  )
}

/** In the words of the form that was answered: a later one may ask otherwise. */
function Row({ row, task, form }: { row: ReadRow; task: number; form: Form }): ReactNode {
  const at = row.submitted_at ?? row.saved_at
  return (
    <Table.Tr className={styles.row} data-testid="read-row">
      <Table.Td>
        <Thumbnail src={row.case.thumbnail} />
      </Table.Td>
      <Table.Td>
        <Link to={`/read/${task}/reads/${row.annotation}`} className={styles.link}>
          {row.case.name}
        </Link>
      </Table.Td>
      <Table.Td>
        {answersText(form, row.answers)}
        {row.flagged && row.flag_note && (
          <Text size="xs" c="dimmed" lineClamp={2}>
            {row.flag_note}
          </Text>
        )}
      </Table.Td>
      <Table.Td className={styles.whole}>{at ? dayTime(at) : texts.office.none}</Table.Td>
      <Table.Td ta="right" className={styles.whole}>
        {duration(row.active_seconds)}
      </Table.Td>
      <Table.Td>
        <Marks row={row} />
      </Table.Td>
    </Table.Tr>
  )
}

interface ReadsProps {
  rows: ReadRow[]
  forms: ReadsPage['forms']
  task: Task
}

function Reads({ rows, forms, task }: ReadsProps): ReactNode {
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={72} />
            <Table.Th w={128}>{texts.tasks.case}</Table.Th>
            <Table.Th>{texts.tasks.answer}</Table.Th>
            <Table.Th w={144}>{losses.submitted}</Table.Th>
            <Table.Th w={120} ta="right" className={styles.whole}>
              {losses.time}
            </Table.Th>
            <Table.Th w={232} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Row
              key={row.annotation}
              row={row}
              task={task.id}
              form={forms[row.form_version] ?? task.form}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** Drafts that nobody would hand out any more: they are found here, and nowhere else. */
function LeftOpen(props: ReadsProps): ReactNode {
  if (props.rows.length === 0) return null
  return (
    <Card padding={0} data-testid="left-open">
      <Text fw={600} px={16} pt={12}>
        {losses.leftOpen}
      </Text>
      <Text size="sm" c="dimmed" px={16} pb={8}>
        {losses.leftOpenIs}
      </Text>
      <Reads {...props} />
    </Card>
  )
}

const ONLY = Object.entries(losses.only).map(([value, label]) => ({ value, label }))

/** The reader's own reads, newest first; each opens again and can be amended. */
export function ReadsTab({ task }: { task: Task }): ReactNode {
  const [typed, setTyped] = useState('')
  const [filter, setFilter] = useState('all')
  const [search] = useDebouncedValue(typed.trim(), SEARCH_AFTER_MS)
  const only = (filter === 'all' ? '' : filter) as ReadsWanted['only']
  const query = useInfiniteQuery({
    queryKey: keys.reads(task.id, search, only),
    queryFn: ({ pageParam }) => listReads(task.id, { search, only }, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
  const all = !search && !only
  const pages = query.data?.pages ?? []
  const forms = Object.assign({}, ...pages.map((page) => page.forms)) as ReadsPage['forms']
  return (
    <Stack gap={16}>
      <Group justify="space-between">
        <TextInput
          w={320}
          aria-label={losses.search}
          placeholder={losses.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <SegmentedControl data={ONLY} value={filter} onChange={setFilter} />
      </Group>
      <LeftOpen rows={pages[0]?.open ?? []} forms={forms} task={task} />
      <Card padding={0}>
        <Loaded
          query={query}
          isEmpty={(data) => data.pages[0]?.results.length === 0}
          empty={
            <Empty
              title={all ? losses.empty : losses.noMatch}
              help={all ? losses.emptyHelp : losses.noMatchHelp}
            />
          }
        >
          {(data) => (
            <Reads rows={data.pages.flatMap((page) => page.results)} forms={forms} task={task} />
          )}
        </Loaded>
      </Card>
      <More query={query} />
    </Stack>
  )
}
