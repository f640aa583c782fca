import { Card, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import { listHistory, type ModelEvent, type ModelVersion } from '../api/training'
import { dayTime } from '../format'
import { Loaded } from '../parts/States'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'
import { gateText } from './gate'

const words = texts.models
const BY_ITSELF = ['made', 'pretrained']

interface EventsProps {
  events: ModelEvent[]
  whyOf: (event: ModelEvent) => string
}

function Events({ events, whyOf }: EventsProps): ReactNode {
  return (
    <Table.ScrollContainer minWidth={720} mx={-16}>
      <Table layout="fixed" verticalSpacing={4} data-testid="history">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={144}>{words.when}</Table.Th>
            <Table.Th w={112}>{texts.training.name}</Table.Th>
            <Table.Th w={160}>{words.what}</Table.Th>
            <Table.Th w={160}>{words.who}</Table.Th>
            <Table.Th>{words.why}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((event) => (
            <Table.Tr key={`${event.model === null}-${event.id}`}>
              <Table.Td>{dayTime(event.at)}</Table.Td>
              <Table.Td>
                {event.model === null ? (
                  <Text size="sm" truncate title={event.weights ?? ''}>
                    {event.weights}
                  </Text>
                ) : (
                  words.title(event.model)
                )}
              </Table.Td>
              <Table.Td>{words.did[event.what]}</Table.Td>
              <Table.Td>
                {event.by ?? (BY_ITSELF.includes(event.what) ? words.byItself : words.theGate)}
              </Table.Td>
              <Table.Td>{whyOf(event)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** The audit trail: what was done to the task's models, newest first. */
export function History({ task, models }: { task: Task; models: ModelVersion[] }): ReactNode {
  const query = useQuery({ queryKey: keys.history(task.id), queryFn: () => listHistory(task.id) })
  const whyOf = ({ what, model, reason, reason_said }: ModelEvent): string => {
    const gate = what === 'made' && models.find(({ number }) => number === model)?.gate
    return gate ? gateText(gate, task.form) : serverSaid(reason_said, reason)
  }
  return (
    <Card>
      <Title order={2} mb={8}>
        {words.history}
      </Title>
      <Loaded
        query={query}
        isEmpty={(events) => events.length === 0}
        empty={<Text c="dimmed">{words.historyEmpty}</Text>}
      >
        {(events) => <Events events={events} whyOf={whyOf} />}
      </Loaded>
    </Card>
  )
}
