import { Badge, Card, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { CurvePoint } from '../api/jobs'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import { getTraining, type Training, type TrainingRun } from '../api/training'
import { dayTime } from '../format'
import { JobProgress } from '../jobs/JobProgress'
import { Chart } from '../parts/Chart'
import { Empty, Loaded } from '../parts/States'
import { texts } from '../texts'

const COLORS: Record<TrainingRun['state'], string> = {
  queued: 'gray',
  running: 'teal',
  done: 'teal',
  failed: 'red',
  cancelled: 'gray',
  refused: 'amber',
}

const speedText = (run: TrainingRun): string =>
  run.speed === 'full' ? texts.tasks.full : texts.tasks.fast

function LossChart({ points }: { points: CurvePoint[] }): ReactNode {
  return (
    <div>
      <Text c="dimmed" size="sm" mb={8}>
        {texts.training.curveSays}
      </Text>
      <Chart
        testId="loss-curve"
        x={points.map((point) => point.epoch)}
        xLabel={texts.training.epoch}
        yLabel={texts.training.loss}
        rightLabel={texts.training.tune}
        lines={[
          {
            label: texts.training.loss,
            color: '--osteon-quiet',
            dash: [6, 4],
            values: points.map((point) => point.loss),
          },
          {
            label: texts.training.tune,
            color: '--osteon-ours',
            values: points.map((point) => point.tune),
            scale: 'right',
          },
        ]}
        height={240}
      />
    </div>
  )
}

function Live({ run, admin }: { run: TrainingRun; admin: boolean }): ReactNode {
  const curve = run.job?.detail?.curve ?? []
  return (
    <Card data-testid="live-run">
      <Title order={2} mb={8}>
        {texts.training.live(speedText(run))}
      </Title>
      <Stack gap={24}>
        {run.job && <JobProgress job={run.job} mayCancel={admin} />}
        {curve.length > 0 && <LossChart points={curve} />}
      </Stack>
    </Card>
  )
}

/** What came of a run, in the words of the gate or of the failure. */
function resultText(run: TrainingRun): string {
  const model = run.model === null ? '' : texts.training.model(run.model)
  return (
    [model, run.error || run.gate?.reason || ''].filter(Boolean).join(': ') || texts.office.none
  )
}

function Runs({ runs }: { runs: TrainingRun[] }): ReactNode {
  return (
    <Table.ScrollContainer minWidth={800}>
      <Table layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={144}>{texts.training.started}</Table.Th>
            <Table.Th w={72}>{texts.training.speed}</Table.Th>
            <Table.Th w={112} ta="right">
              {texts.training.references}
            </Table.Th>
            <Table.Th w={184}>{texts.tasks.state}</Table.Th>
            <Table.Th w={200}>{texts.training.trigger}</Table.Th>
            <Table.Th>{texts.training.result}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.id}>
              <Table.Td>{dayTime(run.created_at)}</Table.Td>
              <Table.Td>{speedText(run)}</Table.Td>
              <Table.Td ta="right">{run.references}</Table.Td>
              <Table.Td>
                <Badge color={COLORS[run.state]}>{texts.training.states[run.state]}</Badge>
              </Table.Td>
              <Table.Td>{run.trigger}</Table.Td>
              <Table.Td>{resultText(run)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function missing(training: Training): number {
  return Math.max(0, training.retrain_every - training.new_references)
}

/** The run under way with its live curve, and every run before it with what came of it. */
export function TrainingTab({ task }: { task: Task }): ReactNode {
  const query = useQuery({ queryKey: keys.training(task.id), queryFn: () => getTraining(task.id) })
  return (
    <Loaded query={query}>
      {(training) => (
        <Stack gap={24}>
          {training.run && <Live run={training.run} admin={task.role === 'admin'} />}
          <Card padding={0}>
            {training.runs.length > 0 ? (
              <Runs runs={training.runs} />
            ) : (
              <Empty
                title={texts.training.runsEmpty}
                help={texts.training.runsEmptyHelp(missing(training))}
              />
            )}
          </Card>
        </Stack>
      )}
    </Loaded>
  )
}
