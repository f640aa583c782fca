import { Group, SegmentedControl, Title } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { Metrics } from '../api/training'
import { Chart } from '../parts/Chart'
import { texts } from '../texts'
import { carriedOn, figureName } from './figures'

const words = texts.training
/** Beyond so many false marks a case, or an image, nobody would look at them. */
const MOST = 2
const EACH = { case: words.falsePerCase, image: words.falsePerImage }
const CHOICES = Object.entries(EACH).map(([value, label]) => ({ value, label }))

type At = Map<number, number | null>
type Each = keyof typeof EACH
type Points = { wrong: number; sensitivity: NonNullable<Metrics['froc']>[number]['sensitivity'] }[]

const POINTS: Record<Each, (metrics: Metrics) => Points> = {
  case: ({ froc }) => (froc ?? []).map((point) => ({ ...point, wrong: point.false_per_case })),
  image: ({ froc_image: froc }) =>
    (froc ?? []).map((point) => ({ ...point, wrong: point.false_per_image })),
}

/** How many of the places are found, by how many false marks one puts up with: a case, and an image where cases have several. */
export function Froc({ metrics }: { metrics: Metrics }): ReactNode {
  const [each, setEach] = useState<Each>('case')
  const points = POINTS[each](metrics)
  const whole = each === 'case' ? metrics.froc_curve : metrics.froc_curve_image
  const curve: At = new Map(carriedOn(whole ?? [], MOST))
  if (!points.length) return null
  const of = (pick: (point: Points[number]) => number | null): At =>
    new Map(points.map((point) => [point.wrong, pick(point)]))
  const x = [...new Set([...curve.keys(), ...of(() => 0).keys()])].sort((a, b) => a - b)
  const along = (at: At): (number | null)[] => x.map((wrong) => at.get(wrong) ?? null)
  return (
    <section>
      <Group justify="space-between" mb={8}>
        <Title order={3}>{words.froc}</Title>
        {POINTS.image(metrics).length > 0 && (
          <SegmentedControl
            size="xs"
            data={CHOICES}
            value={each}
            onChange={(wanted) => setEach(wanted as Each)}
            aria-label={words.froc}
            data-testid="froc-each"
          />
        )}
      </Group>
      <Chart
        testId="froc"
        x={x}
        xLabel={EACH[each]}
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
