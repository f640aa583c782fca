import { Card, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { CurvePoint } from '../api/jobs'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import { getTraining, type TrainingRun } from '../api/training'
import { JobProgress } from '../jobs/JobProgress'
import { Chart } from '../parts/Chart'
import { Empty, Loaded } from '../parts/States'
import { texts } from '../texts'
import { LearningCurve } from './LearningCurve'
import { Lines } from './Log'
import { firstText } from './next'
import { Pretraining } from './Pretraining'
import { Runs, speedText } from './Runs'
import { Why } from './Why'

function LossChart(props: {
  points: CurvePoint[]
  epochs: number | undefined
  stages: number[]
}): ReactNode {
  const { points, epochs, stages } = props
  const losses = points.flatMap(({ loss }) => loss ?? [])
  return (
    <div>
      <Text c="dimmed" size="sm" mb={8}>
        {texts.training.curveSays}
      </Text>
      <Chart
        testId="loss-curve"
        x={points.map((point) => point.epoch)}
        xLabel={texts.training.epoch}
        xRange={epochs ? [0, epochs] : undefined}
        yLabel={texts.training.loss}
        range={[Math.min(0, ...losses), 1.08 * Math.max(0, ...losses) || 1]}
        marks={stages.flatMap((before, at) =>
          before ? [{ x: before + 0.5, label: texts.training.stage(at + 1) }] : [],
        )}
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
  const { curve = [], log = [], stages = [], epochs, curve_epochs } = run.job?.detail ?? {}
  return (
    <Card data-testid="live-run">
      <Title order={2} mb={8}>
        {texts.training.live(speedText(run))}
      </Title>
      <Stack gap={24}>
        {run.job && <JobProgress job={run.job} mayCancel={admin} />}
        {curve.length > 0 && (
          <LossChart points={curve} epochs={curve_epochs ?? epochs} stages={stages} />
        )}
        <Lines lines={log} />
      </Stack>
    </Card>
  )
}

/** The run under way with its live curve, and every run before it with what came of it. */
export function TrainingTab({ task }: { task: Task }): ReactNode {
  const query = useQuery({ queryKey: keys.training(task.id), queryFn: () => getTraining(task.id) })
  return (
    <Loaded query={query}>
      {(training) => (
        <Stack gap={24}>
          {training.run && <Live run={training.run} admin={task.role === 'admin'} />}
          <Pretraining task={task} />
          <Why task={task} training={training} />
          <LearningCurve task={task} training={training} />
          <Card padding={0}>
            {training.runs.length > 0 ? (
              <Runs runs={training.runs} task={task} />
            ) : (
              <Empty title={texts.training.runsEmpty} help={firstText(training)} />
            )}
          </Card>
        </Stack>
      )}
    </Loaded>
  )
}
