import { Table, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Rate } from '../api/training'
import { texts } from '../texts'
import { estimateText, figureName } from './figures'
import type { Shown } from './shown'

const words = texts.training

interface RatesProps {
  title: string
  /** What a row is of. */
  of: string
  rows: (Rate & { name: string })[]
}

function Rates({ title, of, rows }: RatesProps): ReactNode {
  if (rows.length === 0) return null
  return (
    <div>
      <Title order={3} mb={8}>
        {title}
      </Title>
      <Table verticalSpacing={4} w="auto" mx={-16}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{of}</Table.Th>
            <Table.Th ta="right">n</Table.Th>
            <Table.Th>{figureName('sensitivity')}</Table.Th>
            <Table.Th>{figureName('specificity')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.name}>
              <Table.Td>{row.name}</Table.Td>
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

/** How often each grade was found, and how often it was not said of others. */
export function ByGrade({ metrics }: Shown): ReactNode {
  const rows = (metrics.per_grade ?? []).map((row) => ({ ...row, name: String(row.grade) }))
  return <Rates title={words.perGrade} of={words.grade} rows={rows} />
}

/** The same of each option; recipe and form list them in one order. */
export function ByOption({ metrics, names }: Shown): ReactNode {
  const rows = (metrics.per_option ?? []).map((row, at) => ({
    ...row,
    name: names[at] ?? row.option,
  }))
  return <Rates title={words.perOption} of={words.option} rows={rows} />
}
