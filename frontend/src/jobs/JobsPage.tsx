import { Badge, Card, Progress, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { isLive, type Job, listJobs } from '../api/jobs'
import { keys } from '../api/queries'
import { listTasks, type TaskRow } from '../api/tasks'
import { dayTime, duration } from '../format'
import { taskName } from '../kinds/words'
import { Heading } from '../parts/Page'
import { Empty, Loaded } from '../parts/States'
import { texts } from '../texts'
import { CancelJob } from './CancelJob'
import { errorText, progressText } from './JobProgress'

const COLORS: Record<Job['state'], string> = {
  queued: 'gray',
  running: 'teal',
  done: 'gray',
  failed: 'red',
  cancelled: 'gray',
}

function took(job: Job): string {
  if (!job.started_at || !job.finished_at) return ''
  const seconds = (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000
  return texts.jobs.took(duration(seconds))
}

/** Of which task it is, by its name where the caller may know it. */
function taskOf(job: Job, tasks: TaskRow[]): string {
  const id = /^task\/(\d+)$/.exec(job.topic)?.[1]
  const task = tasks.find((one) => String(one.id) === id)
  return task ? taskName(task) : id ? texts.jobs.ofTask(id) : ''
}

function JobRow({ job, tasks }: { job: Job; tasks: TaskRow[] }): ReactNode {
  return (
    <Table.Tr data-testid={`job-${job.id}`}>
      <Table.Td>
        <Text size="sm" fw={600}>
          {texts.jobs.kinds[job.kind] ?? job.kind}
        </Text>
        <Text size="xs" c="dimmed">
          {taskOf(job, tasks)}
        </Text>
      </Table.Td>
      <Table.Td>
        <Badge color={COLORS[job.state]}>{texts.jobs.states[job.state]}</Badge>
      </Table.Td>
      <Table.Td>
        <Text size="sm" c={job.error ? 'red' : undefined} className="figures">
          {errorText(job) || (isLive(job) && progressText(job)) || texts.office.none}
        </Text>
        {job.state === 'running' && (
          <Progress value={job.progress * 100} mt={8} aria-label={texts.jobs.progress} />
        )}
      </Table.Td>
      <Table.Td>
        {dayTime(job.started_at ?? job.created_at)}
        <Text size="xs" c="dimmed">
          {isLive(job) && job.attempts > 1 ? texts.jobs.attempt(job.attempts) : took(job)}
        </Text>
      </Table.Td>
      <Table.Td align="right">
        <CancelJob job={job} />
      </Table.Td>
    </Table.Tr>
  )
}

/** All background work, the newest first; the page may be left at any time. */
export function JobsPage(): ReactNode {
  const jobs = useQuery({ queryKey: keys.jobs, queryFn: () => listJobs() })
  const tasks = useQuery({ queryKey: keys.tasks, queryFn: listTasks }).data ?? []
  return (
    <>
      <Heading title={texts.jobs.title} />
      <Card padding={0}>
        <Loaded
          query={jobs}
          isEmpty={(found) => found.length === 0}
          empty={<Empty title={texts.jobs.empty} help={texts.jobs.emptyHelp} />}
        >
          {(found) => (
            <Table.ScrollContainer minWidth={720}>
              <Table layout="fixed">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th w={264}>{texts.jobs.job}</Table.Th>
                    <Table.Th w={128}>{texts.tasks.state}</Table.Th>
                    <Table.Th>{texts.jobs.progress}</Table.Th>
                    <Table.Th w={152}>{texts.jobs.started}</Table.Th>
                    <Table.Th w={112} />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {found.map((job) => (
                    <JobRow key={job.id} job={job} tasks={tasks} />
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
