import { Badge, Card, Code, Group, Stack, Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Field, Code as FormCode, GradeField } from '../api/forms'
import type { Task } from '../api/tasks'
import { attributesOf } from '../kinds/items'
import { definitionOf, helpOf, labelOf, nameOf, siteText } from '../kinds/words'
import { texts } from '../texts'

/** A code may be a plain word or DICOM's triplet. */
function codeText(code: FormCode): string {
  if (code === null || code === undefined) return texts.office.none
  return typeof code === 'string' ? code : `${code.value} ${code.scheme}`
}

function Grades({ field }: { field: GradeField }): ReactNode {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={72}>{texts.tasks.value}</Table.Th>
          <Table.Th w={160}>{texts.tasks.label}</Table.Th>
          <Table.Th>{texts.tasks.definition}</Table.Th>
          <Table.Th w={120}>{texts.tasks.code}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {field.grades.map((grade) => (
          <Table.Tr key={grade.value}>
            <Table.Td>{grade.value}</Table.Td>
            <Table.Td>{labelOf(grade)}</Table.Td>
            <Table.Td>{definitionOf(grade)}</Table.Td>
            <Table.Td>
              <Code>{codeText(grade.code)}</Code>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function valuesText(field: Field): string {
  if (field.kind === 'presence')
    return field.values.map((value) => texts.kinds.presence[value] ?? value).join(' · ')
  if (field.kind === 'choice') return field.options.map(labelOf).join(' · ')
  if (field.kind === 'number') return texts.kinds.range(field.minimum, field.maximum, field.unit)
  return attributesOf(field).map(labelOf).join(' · ')
}

function FieldCard({ field }: { field: Field }): ReactNode {
  return (
    <Card>
      <Group gap={8} mb={4}>
        <Title order={2}>{labelOf(field)}</Title>
        <Badge color="gray">{texts.tasks.kinds[field.kind]}</Badge>
        <Badge color="gray">{field.required ? texts.tasks.required : texts.tasks.optional}</Badge>
      </Group>
      <Text c="dimmed" size="sm" mb={16}>
        {helpOf(field)}
      </Text>
      {field.sites.length > 0 && (
        <Text mb={16}>{field.sites.map((site) => siteText(field, site)).join(', ')}</Text>
      )}
      {field.kind === 'grade' ? <Grades field={field} /> : <Text>{valuesText(field)}</Text>}
    </Card>
  )
}

/** The form as readers see it; it is changed by a new version of its template. */
export function FormTab({ task }: { task: Task }): ReactNode {
  return (
    <Stack gap={16}>
      <Text c="dimmed">
        {nameOf(task.form)} · {texts.tasks.formVersion(task.form.version)}
      </Text>
      {task.form.fields.map((field) => (
        <FieldCard key={field.key} field={field} />
      ))}
    </Stack>
  )
}
