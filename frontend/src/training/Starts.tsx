import { Badge, Box, Button, Card, Group, Table, Text, Title, Tooltip } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import {
  chooseStart,
  deleteStart,
  type Starts as Found,
  getStarts,
  type StartingWeights,
} from '../api/encoders'
import { isLive } from '../api/jobs'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import { dayTime } from '../format'
import { errorText, JobProgress } from '../jobs/JobProgress'
import { Loaded } from '../parts/States'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'
import { Deletion } from './Deletion'
import { GiveWeights } from './GiveWeights'
import { Pretrain } from './Pretraining'

const words = texts.starts

interface RowProps {
  task: Task
  found: Found
  /** Null: what comes with the platform. */
  weights: StartingWeights | null
  onUse: (id: number | null) => void
}

function Row({ task, found, weights, onUse }: RowProps): ReactNode {
  const { published } = found
  const used = weights ? weights.chosen : !found.weights.some((one) => one.chosen)
  const { name, name_said } = weights ?? published
  const admin = task.role === 'admin'
  return (
    <Table.Tr>
      <Table.Td>
        <Tooltip label={weights?.sha256} disabled={!weights} multiline>
          <Text size="sm" fw={600} className="figures">
            {serverSaid(name_said, name) ?? words.nothing}
          </Text>
        </Tooltip>
      </Table.Td>
      <Table.Td>{weights?.network ?? published.network}</Table.Td>
      <Table.Td>
        {weights ? serverSaid(weights.source_said, weights.source) : words.published}
      </Table.Td>
      <Table.Td visibleFrom="lg">
        {weights && [weights.by, dayTime(weights.created_at)].filter(Boolean).join(', ')}
      </Table.Td>
      <Table.Td>
        <Group gap={8} justify="flex-end" wrap="nowrap">
          {used && (weights || published.name) && <Badge>{words.inUse}</Badge>}
          {admin && !used && (
            <Button
              size="xs"
              variant="default"
              flex="none"
              onClick={() => onUse(weights?.id ?? null)}
            >
              {words.use}
            </Button>
          )}
          {admin && weights && !used && (
            <Deletion
              label={words.remove}
              title={words.removeTitle(serverSaid(weights.name_said, weights.name))}
              help={words.removeHelp}
              remove={() => deleteStart(task.id, weights.id)}
              stale={keys.starts(task.id)}
            />
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}

function Rows({ task, found }: { task: Task; found: Found }): ReactNode {
  const client = useQueryClient()
  const choose = useMutation({
    mutationFn: (id: number | null) => chooseStart(task.id, id),
    onSettled: () => client.invalidateQueries({ queryKey: keys.starts(task.id) }),
  })
  return (
    <>
      {choose.error && (
        <Text size="sm" c="red" role="alert" mb={8}>
          {choose.error.message}
        </Text>
      )}
      <Table.ScrollContainer minWidth={760} mx={-16}>
        <Table layout="fixed" data-testid="starts">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={216}>{words.name}</Table.Th>
              <Table.Th w={144}>{words.network}</Table.Th>
              <Table.Th>{words.source}</Table.Th>
              <Table.Th w={168} visibleFrom="lg">
                {words.made}
              </Table.Th>
              <Table.Th w={184} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {[null, ...found.weights].map((weights) => (
              <Row
                key={weights?.id ?? 0}
                task={task}
                found={found}
                weights={weights}
                onUse={choose.mutate}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  )
}

function Told({ task, found }: { task: Task; found: Found }): ReactNode {
  const { job, own } = found
  const missing = serverSaid(found.missing_said, found.missing)
  const failed = job?.state === 'failed' ? words.failed(errorText(job)) : ''
  return (
    <>
      <Text size="sm" c="dimmed" mb={16}>
        {own === null ? words.says : words.own(own)}
      </Text>
      {[missing, failed].filter(Boolean).map((sentence) => (
        <Text key={sentence} size="sm" c="red" role="alert" mb={8}>
          {sentence}
        </Text>
      ))}
      {job && isLive(job) && (
        <Box mb={16}>
          <JobProgress job={job} mayCancel={task.role === 'admin'} />
        </Box>
      )}
    </>
  )
}

/** What the task's trainings start from; admins choose, give weights and pre-train. */
export function Starts({ task }: { task: Task }): ReactNode {
  const query = useQuery({ queryKey: keys.starts(task.id), queryFn: () => getStarts(task.id) })
  const busy = !!query.data?.job && isLive(query.data.job)
  return (
    <Card data-testid="starts-from">
      <Group justify="space-between" mb={8} mih={32}>
        <Title order={2}>{words.title}</Title>
        {task.role === 'admin' && query.data?.takes_weights && (
          <Group gap={8}>
            <GiveWeights task={task.id} starts={query.data} />
            <Pretrain task={task.id} busy={busy} />
          </Group>
        )}
      </Group>
      <Loaded query={query}>
        {(found) => (
          <>
            <Told task={task} found={found} />
            <Rows task={task} found={found} />
          </>
        )}
      </Loaded>
    </Card>
  )
}
