import { Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Agreement } from '../api/training'
import { Chart, type Line } from '../parts/Chart'
import { texts } from '../texts'
import { differenceText, estimateOf, unitOf } from './figures'
import styles from './Models.module.css'
import type { Shown } from './shown'

const words = texts.training

/** All that must be seen, with a little room around it. */
function around(values: (number | null)[]): [number, number] {
  const known = values.filter((value) => value !== null)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const room = (high - low || 1) * 0.05
  return [low - room, high + room]
}

/** A figure from edge to edge, its interval as a band. */
const across = (label: string, of: Agreement['lower'], dash: number[] | undefined, x: number[]) => {
  const { value, low, high } = estimateOf(of)
  const all = (one: number | null): (number | null)[] => x.map(() => one)
  const band = low === null || high === null ? {} : { low: all(low), high: all(high) }
  return { label, color: '--osteon-ours', dash, values: all(value), bare: true, ...band }
}

/** How far model and reference lie apart, over how large what they measured is (Bland and Altman 1986). */
export function BlandAltman({ metrics, field }: Shown): ReactNode {
  const of = metrics.bland_altman
  if (!of?.points.length) return null
  const unit = unitOf(field)
  const inUnit = (label: string): string => (unit ? words.inUnit(label, unit) : label)
  const figures = [of.mean, of.lower, of.upper].map(estimateOf)
  const points = [...of.points].sort(([one], [other]) => one - other)
  const edges = around(points.map(([mean]) => mean))
  const x = [edges[0], ...points.map(([mean]) => mean), edges[1]]
  const lines: Line[] = [
    across(words.meanDifference, of.mean, undefined, x),
    across(words.upperLimit, of.upper, [6, 4], x),
    across(words.lowerLimit, of.lower, [2, 4], x),
    {
      label: words.eachCase,
      color: '--osteon-text',
      values: [null, ...points.map(([, difference]) => difference), null],
      dots: true,
    },
  ]
  return (
    <section className={styles.plot}>
      <Title order={3}>{words.blandAltman}</Title>
      <Text c="dimmed" size="sm" mb={8} className="figures">
        {words.agreementSays(
          unit && ` (${unit})`,
          ...(figures.map(differenceText) as [string, string, string]),
        )}
      </Text>
      <Chart
        testId="bland-altman"
        x={x}
        xLabel={inUnit(words.meanOfBoth)}
        yLabel={inUnit(words.modelLessReference)}
        xRange={edges}
        range={around([
          0,
          ...points.map(([, difference]) => difference),
          ...figures.flatMap(({ value, low, high }) => [value, low, high]),
        ])}
        fractions
        height={280}
        lines={lines}
      />
    </section>
  )
}
