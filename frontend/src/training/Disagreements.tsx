import { Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AnswerValue, Field } from '../api/forms'
import type { ComparedSlot, Comparison } from '../api/training'
import { kindOf } from '../kinds/table'
import { texts } from '../texts'

const words = texts.models

/** Whether the field has words for it: the form may have changed since. */
function known(value: unknown, kind: string, field: Field): boolean {
  if (field.kind !== kind) return false
  if (field.kind !== 'choice') return true
  const options = field.options.map((option) => option.value)
  return [value].flat().every((one) => options.includes(String(one)))
}

/** A value as a reader would say it; as it was kept where the form of now says it otherwise. */
export function valueSaid(value: unknown, kind: string, field: Field | undefined): string {
  if (field && known(value, kind, field))
    return kindOf(field).valueText(field, value as AnswerValue)
  if (!Array.isArray(value)) return String(value)
  if (value.some((one) => typeof one === 'object')) return words.items(value.length)
  return value.join(', ') || words.nothing
}

interface DisagreementsProps {
  of: Comparison
  slot: ComparedSlot
  field: Field | undefined
}

/** The cases of which two versions do not say the same, as far as they may be shown. */
export function Disagreements({ of, slot, field }: DisagreementsProps): ReactNode {
  const said = (value: unknown): string => valueSaid(value, slot.kind, field)
  const hidden = slot.disagreements - slot.disagree.length
  if (slot.disagreements === 0) return <Text size="sm">{words.agree}</Text>
  return (
    <section>
      <Title order={3} mb={8}>
        {words.disagree(slot.disagreements)}
      </Title>
      {slot.disagree.length > 0 && (
        <Table verticalSpacing={4} maw={720} mx={-16} data-testid="disagreements">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{texts.tasks.case}</Table.Th>
              <Table.Th>{words.reference}</Table.Th>
              <Table.Th>{words.title(of.older)}</Table.Th>
              <Table.Th>{words.title(of.newer)}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {slot.disagree.map((row) => (
              <Table.Tr key={row.case}>
                <Table.Td>{row.name}</Table.Td>
                <Table.Td>{said(row.reference)}</Table.Td>
                <Table.Td>{said(row.older)}</Table.Td>
                <Table.Td>{said(row.newer)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {hidden > 0 && (
        <Text size="sm" c="dimmed">
          {of.cases_shown ? words.disagreeWaiting(hidden) : words.disagreeHidden}
        </Text>
      )}
    </section>
  )
}
