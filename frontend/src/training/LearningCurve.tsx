import { Card, Skeleton, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Task } from '../api/tasks'
import type { LearningPoint, Speed, Training } from '../api/training'
import { slotsOf } from '../kinds/slots'
import { Chart, type Line } from '../parts/Chart'
import { texts } from '../texts'
import { figureName } from './figures'

const SPEEDS: { speed: Speed; label: string; color: string; dash?: number[] }[] = [
  { speed: 'fast', label: texts.tasks.fast, color: '--osteon-ours' },
  { speed: 'full', label: texts.tasks.full, color: '--osteon-text', dash: [6, 4] },
]

type Known = LearningPoint & { value: number }

const known = (points: LearningPoint[]): Known[] =>
  points
    .filter((point): point is Known => point.value !== null)
    .sort((one, other) => one.references - other.references)

function linesOf(points: Known[]): Line[] {
  const only =
    (speed: Speed, pick: (point: Known) => number | null) =>
    (point: Known): number | null =>
      point.speed === speed ? pick(point) : null
  return SPEEDS.filter(({ speed }) => points.some((point) => point.speed === speed)).map(
    ({ speed, label, color, dash }) => ({
      label,
      color,
      dash,
      values: points.map(only(speed, (point) => point.value)),
      low: points.map(only(speed, (point) => point.low)),
      high: points.map(only(speed, (point) => point.high)),
    }),
  )
}

/** How good each version was against how much it had learned from. */
export function LearningCurve(props: { task: Task; training: Training | undefined }): ReactNode {
  const { task, training } = props
  const points = known(training?.curve ?? [])
  const last = points.at(-1)
  const name = figureName(last?.metric ?? 'qwk')
  const slot = slotsOf(task.form).find((one) => one.slot === last?.slot)
  const low = Math.min(0, ...points.map((point) => point.low ?? point.value))
  return (
    <Card>
      <Title order={2}>{texts.tasks.curve}</Title>
      <Text c="dimmed" size="sm" mb={16}>
        {points.length > 0 || !training
          ? texts.tasks.curveSays(name, slot?.label ?? '')
          : texts.tasks.curveEmpty}
      </Text>
      {training ? (
        <Chart
          testId="learning-curve"
          x={points.map((point) => point.references)}
          xLabel={texts.training.references}
          yLabel={name}
          lines={linesOf(points)}
          range={[low, 1]}
        />
      ) : (
        <Skeleton height={280} />
      )}
    </Card>
  )
}
