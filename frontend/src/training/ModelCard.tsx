import { Code, Stack, Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Form } from '../api/forms'
import type { Estimate, Metrics, ModelVersion } from '../api/training'
import { day } from '../format'
import { slotsOf } from '../kinds/slots'
import { texts } from '../texts'
import { Confusion } from './Confusion'
import { estimateText, figureName } from './figures'
import styles from './Models.module.css'

const FIGURES = ['qwk', 'accuracy', 'mae', 'auc', 'sensitivity', 'specificity'] as const

function Figures({ metrics }: { metrics: Metrics }): ReactNode {
  const found = FIGURES.flatMap((name): [string, Estimate][] => {
    const estimate = metrics[name]
    return estimate ? [[name, estimate]] : []
  })
  return (
    <dl className={`${styles.facts} figures`}>
      {found.map(([name, estimate]) => (
        <Text component="div" key={name} display="contents">
          <dt>{figureName(name)}</dt>
          <dd>{estimateText(estimate)}</dd>
        </Text>
      ))}
    </dl>
  )
}

function ByGrade({ metrics }: { metrics: Metrics }): ReactNode {
  if (!metrics.per_grade?.length) return null
  return (
    <div>
      <Title order={3} mb={8}>
        {texts.training.perGrade}
      </Title>
      <Table verticalSpacing={4} w="auto">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{texts.training.grade}</Table.Th>
            <Table.Th ta="right">n</Table.Th>
            <Table.Th>{figureName('sensitivity')}</Table.Th>
            <Table.Th>{figureName('specificity')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {metrics.per_grade.map((row) => (
            <Table.Tr key={row.grade}>
              <Table.Td>{row.grade}</Table.Td>
              <Table.Td ta="right">{row.n}</Table.Td>
              <Table.Td>{estimateText(row.sensitivity)}</Table.Td>
              <Table.Td>{estimateText(row.specificity)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function Slot({
  label,
  metrics,
  names,
}: {
  label: string
  metrics: Metrics | null
  names: string[]
}): ReactNode {
  return (
    <section>
      <Title order={3}>{label}</Title>
      <Text c="dimmed" size="sm">
        {metrics?.n
          ? texts.training.testOf(metrics.n, metrics.n_patients ?? 0)
          : texts.training.noTest}
      </Text>
      {metrics?.n ? (
        <div className={styles.columns}>
          <Figures metrics={metrics} />
          <ByGrade metrics={metrics} />
          <Confusion counts={metrics.confusion ?? []} names={names} />
        </div>
      ) : null}
    </section>
  )
}

/** All that is known of one version. */
export function ModelCard({ model, form }: { model: ModelVersion; form: Form }): ReactNode {
  const slots = slotsOf(form)
  const labelOf = (slot: string): string => slots.find((one) => one.slot === slot)?.label ?? slot
  const namesOf = (slot: string): string[] => {
    const field = slots.find((one) => one.slot === slot)?.field
    if (field?.kind === 'grade') return field.grades.map((grade) => String(grade.value))
    return field?.kind === 'presence' ? field.values : []
  }
  return (
    <Stack gap={24} data-testid="model-card">
      <dl className={styles.facts}>
        <dt>{texts.training.gate}</dt>
        <dd>{model.gate?.reason ?? texts.office.none}</dd>
        {model.gate?.test_uses && (
          <>
            <dt>{texts.training.lockedTest}</dt>
            <dd>{texts.training.testUses(model.gate.test_uses)}</dd>
          </>
        )}
        {model.promoted_at && (
          <>
            <dt>{texts.training.inUse}</dt>
            <dd>
              {texts.training.promotedBy(
                model.promoted_by ?? texts.training.byGate,
                day(model.promoted_at),
              )}
            </dd>
          </>
        )}
        {model.snapshot && (
          <>
            <dt>{texts.training.snapshot}</dt>
            <dd>
              {model.snapshot.number} <Code>{model.snapshot.hash.slice(0, 12)}</Code>
            </dd>
          </>
        )}
      </dl>
      {Object.entries(model.slots).map(([slot, { metrics }]) => (
        <Slot key={slot} label={labelOf(slot)} metrics={metrics} names={namesOf(slot)} />
      ))}
    </Stack>
  )
}
