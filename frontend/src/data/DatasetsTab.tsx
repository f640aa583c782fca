import {
  ActionIcon,
  Button,
  Card,
  Code,
  CopyButton,
  Group,
  Stack,
  Table,
  Text,
  Title,
  Tooltip,
} from '@mantine/core'
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import {
  exportAddress,
  listExports,
  listSnapshots,
  type ReferenceExport,
  startExport,
} from '../api/datasets'
import { isLive } from '../api/jobs'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import { bytes, dayTime } from '../format'
import { errorText, JobProgress } from '../jobs/JobProgress'
import { Empty, Loaded, Rows } from '../parts/States'
import { texts } from '../texts'

function Hash({ value }: { value: string }): ReactNode {
  if (!value) return texts.office.none
  return (
    <Group gap={4} wrap="nowrap">
      <Code>{value.slice(0, 12)}</Code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? texts.datasets.copied : texts.datasets.copy}>
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={copy}
              aria-label={texts.datasets.copy}
            >
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  )
}

function ExportRow({ made }: { made: ReferenceExport }): ReactNode {
  const { job } = made
  const failed = job?.state === 'failed' || job?.state === 'cancelled'
  return (
    <Table.Tr data-testid={`export-${made.id}`}>
      <Table.Td>{dayTime(made.created_at)}</Table.Td>
      <Table.Td>{made.snapshot.number}</Table.Td>
      {job && (isLive(job) || failed) ? (
        <Table.Td colSpan={4}>
          {failed ? (
            <Text size="sm" c={job.error ? 'red' : 'dimmed'}>
              {errorText(job) || texts.jobs.states[job.state]}
            </Text>
          ) : (
            <JobProgress job={job} mayCancel />
          )}
        </Table.Td>
      ) : (
        <>
          <Table.Td ta="right">{made.rows ?? texts.office.none}</Table.Td>
          <Table.Td ta="right">
            {made.size_bytes === null ? texts.office.none : bytes(made.size_bytes)}
          </Table.Td>
          <Table.Td>
            <Hash value={made.sha256} />
            {made.left_out > 0 && (
              <Text size="xs" c="dimmed">
                {texts.datasets.leftOut(made.left_out)}
              </Text>
            )}
          </Table.Td>
          <Table.Td align="right">
            <Button
              size="xs"
              variant="default"
              component="a"
              href={exportAddress(made.id)}
              leftSection={<IconDownload size={16} />}
            >
              {texts.datasets.download}
            </Button>
          </Table.Td>
        </>
      )}
    </Table.Tr>
  )
}

function Exports({ task }: { task: Task }): ReactNode {
  const client = useQueryClient()
  const query = useQuery({ queryKey: keys.exports(task.id), queryFn: () => listExports(task.id) })
  const start = useMutation({
    mutationFn: () => startExport(task.id),
    onSettled: () => client.invalidateQueries({ queryKey: keys.exports(task.id) }),
  })
  return (
    <section>
      <Group justify="space-between" mb={8}>
        <div>
          <Title order={2}>{texts.datasets.exports}</Title>
          <Text size="sm" c={start.error ? 'red' : 'dimmed'}>
            {start.error?.message ?? texts.datasets.exportsSay}
          </Text>
        </div>
        <Button loading={start.isPending} onClick={() => start.mutate()}>
          {texts.datasets.exportNow}
        </Button>
      </Group>
      <Card padding={0}>
        <Loaded
          query={query}
          skeleton={<Rows count={2} />}
          isEmpty={(found) => found.length === 0}
          empty={
            <Empty title={texts.datasets.exportsEmpty} help={texts.datasets.exportsEmptyHelp} />
          }
        >
          {(found) => (
            <Table.ScrollContainer minWidth={760}>
              <Table layout="fixed">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th w={160}>{texts.datasets.made}</Table.Th>
                    <Table.Th w={112}>{texts.datasets.snapshot}</Table.Th>
                    <Table.Th w={96} ta="right">
                      {texts.datasets.rows}
                    </Table.Th>
                    <Table.Th w={112} ta="right">
                      {texts.datasets.size}
                    </Table.Th>
                    <Table.Th>{texts.datasets.hash}</Table.Th>
                    <Table.Th w={152} />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {found.map((made) => (
                    <ExportRow key={made.id} made={made} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Loaded>
      </Card>
    </section>
  )
}

function Snapshots({ task }: { task: Task }): ReactNode {
  const { datasets } = texts
  const query = useQuery({
    queryKey: keys.snapshots(task.id),
    queryFn: () => listSnapshots(task.id),
  })
  return (
    <section>
      <Title order={2}>{datasets.snapshots}</Title>
      <Text size="sm" c="dimmed" mb={8}>
        {datasets.snapshotsSay}
      </Text>
      <Card padding={0}>
        <Loaded
          query={query}
          skeleton={<Rows count={2} />}
          isEmpty={(found) => found.length === 0}
          empty={<Empty title={datasets.snapshotsEmpty} help={datasets.snapshotsEmptyHelp} />}
        >
          {(found) => (
            <Table.ScrollContainer minWidth={760}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{datasets.snapshot}</Table.Th>
                    <Table.Th>{datasets.made}</Table.Th>
                    {[
                      datasets.cases,
                      datasets.patients,
                      datasets.train,
                      datasets.tune,
                      datasets.test,
                    ].map((name) => (
                      <Table.Th key={name} ta="right">
                        {name}
                      </Table.Th>
                    ))}
                    <Table.Th>{datasets.hash}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {found.map((one) => (
                    <Table.Tr key={one.id}>
                      <Table.Td>{one.number}</Table.Td>
                      <Table.Td>{dayTime(one.created_at)}</Table.Td>
                      <Table.Td ta="right">{one.cases}</Table.Td>
                      <Table.Td ta="right">{one.patients}</Table.Td>
                      <Table.Td ta="right">{one.splits.train}</Table.Td>
                      <Table.Td ta="right">{one.splits.tune}</Table.Td>
                      <Table.Td ta="right">{one.splits.test}</Table.Td>
                      <Table.Td>
                        <Hash value={one.hash} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Loaded>
      </Card>
    </section>
  )
}

/** What was frozen, and what went out. Exports hold everybody's answers, so they are the admins'. */
export function DatasetsTab({ task }: { task: Task }): ReactNode {
  return (
    <Stack gap={32}>
      {task.role === 'admin' && <Exports task={task} />}
      <Snapshots task={task} />
    </Stack>
  )
}
