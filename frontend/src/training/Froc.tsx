import { Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Metrics } from '../api/training'
import { Chart } from '../parts/Chart'
import { texts } from '../texts'
import { figureName } from './figures'

const words = texts.training
/** Beyond so many false marks a case nobody would look at them. */
const MOST = 2

type At = Map<number, number | null>

/** How many of the places are found, by how many false marks a case one puts up with. */
export function Froc({ metrics }: { metrics: Metrics }): ReactNode {
  const points = metrics.froc ?? []
  const curve: At = new Map((metrics.froc_curve ?? []).filter(([wrong]) => wrong <= MOST))
  if (!points.length) return null
  const of = (pick: (point: (typeof points)[number]) => number | null): At =>
    new Map(points.map((point) => [point.false_per_case, pick(point)]))
  const x = [...new Set([...curve.keys(), ...of(() => 0).keys()])].sort((a, b) => a - b)
  const along = (at: At): (number | null)[] => x.map((wrong) => at.get(wrong) ?? null)
  return (
    <section>
      <Title order={3} mb={8}>
        {words.froc}
      </Title>
      <Chart
        testId="froc"
        x={x}
        xLabel={words.falsePerCase}
        yLabel={figureName('sensitivity')}
        range={[0, 1]}
        xRange={[0, MOST]}
        height={240}
        lines={[
          { label: words.frocCurve, color: '--osteon-quiet', values: along(curve), bare: true },
          {
            label: words.frocPoints,
            color: '--osteon-ours',
            values: along(of((point) => point.sensitivity.value)),
            low: along(of((point) => point.sensitivity.low)),
            high: along(of((point) => point.sensitivity.high)),
          },
        ]}
      />
    </section>
  )
}
