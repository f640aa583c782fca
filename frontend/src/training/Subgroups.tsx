import { Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Subgroup } from '../api/training'
import { texts } from '../texts'
import { estimateText, figureName } from './figures'

const words = texts.models

function valueText({ by, value }: Subgroup): string {
  if (value === 'unknown') return words.unknown
  return (by === 'sex' && words.sexes[value]) || value
}

/** Whom it serves worse: each group with its size, and a figure only where there are patients enough. */
export function Subgroups({ groups }: { groups: Subgroup[] }): ReactNode {
  const first = groups[0]
  if (!first) return null
  return (
    <section>
      <Title order={3} mb={8}>
        {words.subgroups}
      </Title>
      <Table verticalSpacing={4} maw={720} mx={-16} data-testid="subgroups">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={200}>{words.group}</Table.Th>
            <Table.Th />
            <Table.Th ta="right">{words.patients}</Table.Th>
            <Table.Th ta="right">{words.cases}</Table.Th>
            <Table.Th>{figureName(first.metric)}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {groups.map((group, at) => (
            <Table.Tr key={`${group.by} ${group.value}`}>
              <Table.Td>
                {group.by !== groups[at - 1]?.by && (words.by[group.by] ?? group.by)}
              </Table.Td>
              <Table.Td>{valueText(group)}</Table.Td>
              <Table.Td ta="right">{group.n_patients}</Table.Td>
              <Table.Td ta="right">{group.n}</Table.Td>
              <Table.Td title={group.figure ? undefined : words.tooFewHelp}>
                {group.figure ? (
                  estimateText(group.figure)
                ) : (
                  <Text span size="sm" c="dimmed">
                    {words.tooFew}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Td>{words.by.site}</Table.Td>
            <Table.Td colSpan={4}>
              <Text span size="sm" c="dimmed">
                {words.siteUnknown}
              </Text>
            </Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt={8}>
        {words.tooFewHelp}
      </Text>
    </section>
  )
}
