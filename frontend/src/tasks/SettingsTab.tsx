import { Card, Code, Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Task } from '../api/tasks'
import { texts } from '../texts'

interface SettingProps {
  name: string
  value: string
  command: string
  /** What else there is to do, or to know. */
  how?: string
}

function Setting({ name, value, command, how }: SettingProps): ReactNode {
  return (
    <Table.Tr>
      <Table.Td c="dimmed">{name}</Table.Td>
      <Table.Td>{value}</Table.Td>
      <Table.Td>
        {how && (
          <Text size="sm" mb={4}>
            {how}
          </Text>
        )}
        <Code>{command}</Code>
      </Table.Td>
    </Table.Tr>
  )
}

/** What the task runs by, to be read, and where each of it is changed. */
export function SettingsTab({ task }: { task: Task }): ReactNode {
  const words = texts.tasks
  const file = `annotation/templates/${task.template}.toml`
  return (
    <Card>
      <Text c="dimmed" mb={16}>
        {words.settingsHelp}
      </Text>
      <Table.ScrollContainer minWidth={720} mx={-16}>
        <Table layout="fixed" data-testid="settings">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={200}>{words.setting}</Table.Th>
              <Table.Th w={264}>{words.value}</Table.Th>
              <Table.Th>{words.changeBy}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Setting
              name={words.makeName}
              value={task.name}
              command={`python manage.py task ${task.id} --name "…"`}
            />
            <Setting
              name={words.template}
              value={task.template}
              how={words.changeTemplate(file)}
              command={`python manage.py publish ${task.id}`}
            />
            <Setting
              name={words.retrainEvery}
              value={
                task.retrain_every > 0 ? words.retrainEveryIs(task.retrain_every) : words.retrainOff
              }
              how={words.changeRetrain}
              command={`python manage.py task ${task.id} --retrain-every ${task.retrain_every || 20}`}
            />
            <Setting
              name={words.role}
              value={words.roles[task.role]}
              command={`python manage.py member ${task.id} NAME --role reader`}
              how={words.changeRole}
            />
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text c="dimmed" size="sm" mt={16}>
        {words.settingsOfPlatform}
      </Text>
    </Card>
  )
}
