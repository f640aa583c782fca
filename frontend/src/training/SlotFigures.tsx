import { Text } from '@mantine/core'
import type { ComponentType, ReactNode } from 'react'
import type { Field } from '../api/forms'
import type { Estimate, Metrics } from '../api/training'
import { labelOf } from '../kinds/words'
import { texts } from '../texts'
import { BlandAltman } from './BlandAltman'
import { Confusion } from './Confusion'
import { Froc } from './Froc'
import { estimateText, figureName } from './figures'
import styles from './Models.module.css'
import { ByGrade, ByOption } from './Rates'
import type { Shown } from './shown'

const isEstimate = (of: unknown): of is Estimate =>
  typeof of === 'object' && of !== null && 'value' in of && 'low' in of

const ORDER = Object.keys(texts.training.figures)

const place = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)

/** Every figure that the recipe measured, the usual ones first. */
export const figuresOf = (metrics: Metrics): [string, Estimate][] =>
  Object.entries(metrics)
    .filter((entry): entry is [string, Estimate] => isEstimate(entry[1]))
    .sort(([one], [other]) => place(one) - place(other))

function Figures({ metrics, field }: Omit<OfSlot, 'kind'>): ReactNode {
  return (
    <dl className={`${styles.facts} figures`}>
      {figuresOf(metrics).map(([name, estimate]) => (
        <Text component="div" key={name} display="contents">
          <dt>{figureName(name, field)}</dt>
          <dd>{estimateText(estimate)}</dd>
        </Text>
      ))}
    </dl>
  )
}

const Matrix = ({ metrics, names }: Shown): ReactNode => (
  <Confusion counts={metrics.confusion ?? []} names={names} />
)

const Point = ({ metrics }: Shown): ReactNode =>
  metrics.point === undefined ? null : <Text size="sm">{texts.models.point(metrics.point)}</Text>

/** What a kind shows beside its figures. A kind without a line shows its figures. */
const PLOTS: Record<string, ComponentType<Shown>[]> = {
  boxes: [Froc],
  points: [Froc],
  grade: [ByGrade, Matrix],
  presence: [Point, Matrix],
  choice: [ByOption, Matrix],
  number: [BlandAltman],
}

/** What the rows and columns of a kind's table are called, in its order. */
const NAMES: { [K in Field['kind']]?: (field: Extract<Field, { kind: K }>) => string[] } = {
  grade: (field) => field.grades.map((grade) => String(grade.value)),
  presence: (field) => field.values.map((value) => texts.kinds.presence[value] ?? value),
  choice: (field) => field.options.map(labelOf),
}

function namesOf(field: Field | undefined): string[] {
  const names = field && (NAMES[field.kind] as ((of: Field) => string[]) | undefined)
  return names ? names(field) : []
}

interface OfSlot {
  kind: string
  metrics: Metrics
  field: Field | undefined
}

/** The tables and plots of a slot's kind. */
export function SlotPlots({ kind, metrics, field }: OfSlot): ReactNode {
  const names = namesOf(field)
  return (PLOTS[kind] ?? []).map((Plot) => (
    <Plot key={Plot.name} metrics={metrics} names={names} field={field} />
  ))
}

/** The figures of one slot on the locked test, as its kind shows them. */
export function SlotFigures(
  props: Omit<OfSlot, 'metrics'> & { metrics: Metrics | null },
): ReactNode {
  const { kind, metrics, field } = props
  if (!metrics?.n) return <Text c="dimmed">{texts.training.noTest}</Text>
  return (
    <>
      <Text c="dimmed" size="sm">
        {texts.training.testOf(metrics.n, metrics.n_patients ?? 0)}
      </Text>
      <div className={styles.columns}>
        <Figures metrics={metrics} field={field} />
        <SlotPlots kind={kind} metrics={metrics} field={field} />
      </div>
    </>
  )
}
