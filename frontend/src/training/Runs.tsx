import { Badge, Table, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { Fragment, type ReactNode, useState } from 'react'
import type { Form } from '../api/forms'
import type { Task } from '../api/tasks'
import type { TrainingRun } from '../api/training'
import { dayTime } from '../format'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'
import { gateText } from './gate'
import { Log } from './Log'

const COLORS: Record<TrainingRun['state'], string> = {
  queued: 'gray',
  running: 'teal',
  done: 'teal',
  failed: 'red',
  cancelled: 'gray',
  refused: 'amber',
}

export const speedText = (run: TrainingRun): string =>
  run.speed === 'full' ? texts.tasks.full : texts.tasks.fast

/** What came of a run, in the words of the gate or of the failure. */
function resultText(run: TrainingRun, form: Form): string {
  const model = run.model === null ? '' : texts.training.model(run.model)
  const why = serverSaid(run.error_said, run.error) || (run.gate ? gateText(run.gate, form) : '')
  return model && why ? texts.office.told(model, why) : model || why || texts.office.none
}

interface RowProps {
  run: TrainingRun
  form: Form
  opened: boolean
  onToggle: () => void
}

function Row({ run, form, opened, onToggle }: RowProps): ReactNode {
  const Chevron = opened ? IconChevronDown : IconChevronRight
  return (
    <Table.Tr>
      <Table.Td pr={0}>
        <UnstyledButton
          onClick={onToggle}
          aria-expanded={opened}
          aria-label={texts.training.logOf(run.id)}
          display="flex"
        >
          <Chevron size={16} aria-hidden />
        </UnstyledButton>
      </Table.Td>
      <Table.Td>{dayTime(run.created_at)}</Table.Td>
      <Table.Td>{speedText(run)}</Table.Td>
      <Table.Td ta="right">{run.references}</Table.Td>
      <Table.Td>
        <Badge color={COLORS[run.state]}>{texts.training.states[run.state]}</Badge>
      </Table.Td>
      <Table.Td>{serverSaid(run.trigger_said, run.trigger)}</Table.Td>
      <Table.Td>{resultText(run, form)}</Table.Td>
    </Table.Tr>
  )
}

/** The task's trainings, newest first, each with what came of it and its log. */
export function Runs({ runs, task }: { runs: TrainingRun[]; task: Task }): ReactNode {
  const [open, setOpen] = useState<number | null>(null)
  return (
    <Table.ScrollContainer minWidth={800}>
      <Table layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={40} />
            <Table.Th w={152}>{texts.training.started}</Table.Th>
            <Table.Th w={72}>{texts.training.speed}</Table.Th>
            <Table.Th w={128} ta="right">
              {texts.training.references}
            </Table.Th>
            <Table.Th w={120}>{texts.tasks.state}</Table.Th>
            <Table.Th w={184}>{texts.training.trigger}</Table.Th>
            <Table.Th>{texts.training.result}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Fragment key={run.id}>
              <Row
                run={run}
                form={task.form}
                opened={open === run.id}
                onToggle={() => setOpen(open === run.id ? null : run.id)}
              />
              {open === run.id && (
                <Table.Tr>
                  <Table.Td />
                  <Table.Td colSpan={6}>
                    <Log task={task.id} run={run.id} />
                  </Table.Td>
                </Table.Tr>
              )}
            </Fragment>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
