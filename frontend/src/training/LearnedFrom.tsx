import { Code, Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Field } from '../api/forms'
import type { Card, Counts, Split } from '../api/training'
import { number } from '../format'
import { kindOf } from '../kinds/table'
import { texts } from '../texts'

const words = texts.models
const SPLITS: Split[] = ['train', 'tune', 'test']

/** As the server counts what would have as many values as cases: "2 found", "3 or more found". */
const FOUND = /^(\d+) (or more )?found$/

/** What was counted, in the words of the form. */
function answerName(answer: string, field: Field | undefined): string {
  if (answer === 'not_assessable') return words.notAssessable
  const found = FOUND.exec(answer)
  if (found) return words.found(Number(found[1]), found[2] !== undefined)
  if (answer === 'measured') return words.measured
  if (field?.kind !== 'presence' && field?.kind !== 'choice') return answer
  return answer
    .split(' + ')
    .map((one) => kindOf(field).valueText(field, one))
    .join(' + ')
}

interface TalliesProps {
  counts: Counts
  labelOf: (slot: string) => string
  fieldOf: (slot: string) => Field | undefined
}

/** Cases, patients and each answer of a slot, by split. */
function Tallies({ counts, labelOf, fieldOf }: TalliesProps): ReactNode {
  const slots = [...new Set(SPLITS.flatMap((split) => Object.keys(counts.splits[split].slots)))]
  const rows = slots.flatMap((slot) => {
    const tally = (split: Split): Record<string, number> => counts.splits[split].slots[slot] ?? {}
    const answers = [...new Set(SPLITS.flatMap((split) => Object.keys(tally(split))))].sort()
    return answers.map((answer, at) => ({
      key: `${slot} ${answer}`,
      label: at === 0 ? labelOf(slot) : '',
      answer: answerName(answer, fieldOf(slot)),
      of: SPLITS.map((split) => tally(split)[answer] ?? 0),
    }))
  })
  const whole = (['cases', 'patients'] as const).map((what) => ({
    key: what,
    label: words[what],
    answer: '',
    of: SPLITS.map((split) => counts.splits[split][what]),
  }))
  return (
    <Table verticalSpacing={4} maw={720} mx={-16}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th />
          <Table.Th>{words.answers}</Table.Th>
          {SPLITS.map((split) => (
            <Table.Th key={split} ta="right">
              {words.split[split]}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {[...whole, ...rows].map((row) => (
          <Table.Tr key={row.key}>
            <Table.Td>{row.label}</Table.Td>
            <Table.Td>{row.answer}</Table.Td>
            {row.of.map((count, at) => (
              <Table.Td key={SPLITS[at]} ta="right">
                {number(count)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

const bySplit = (counts: Record<Split, number>): string =>
  SPLITS.map((split) => `${words.split[split]} ${number(counts[split])}`).join(' · ')

/** The snapshot behind a version: its hash, and how much of what it holds. */
export function LearnedFrom(props: { card: Card } & Omit<TalliesProps, 'counts'>): ReactNode {
  const { snapshot, counts, images, missing, beside } = props.card
  return (
    <section>
      <Title order={2} mb={8}>
        {words.learnedFrom}
      </Title>
      {snapshot && (
        <Text size="sm" mb={8}>
          {texts.training.snapshot} {snapshot.number} <Code>{snapshot.hash}</Code>
        </Text>
      )}
      {counts ? (
        <Tallies counts={counts} labelOf={props.labelOf} fieldOf={props.fieldOf} />
      ) : (
        <Text c="dimmed">{words.notKept}</Text>
      )}
      {images && (
        <Text size="sm" c="dimmed" mt={8}>
          {texts.office.told(
            words.images,
            Object.entries(images)
              .map(([maker, count]) => `${maker === 'unknown' ? words.unknown : maker} ${count}`)
              .join(' · '),
          )}
        </Text>
      )}
      {missing && SPLITS.some((split) => missing.unread[split] > 0) && (
        <Text size="sm" c="dimmed" mt={8}>
          {texts.office.told(words.unread, bySplit(missing.unread))}
        </Text>
      )}
      {!!missing?.differing && (
        <Text size="sm" c="dimmed" mt={8}>
          {texts.office.told(words.differing, words.differingSays(missing.differing))}
        </Text>
      )}
      {!!missing?.learned_before && (
        <Text size="sm" c="dimmed" mt={8}>
          {texts.office.told(words.differing, words.learnedBefore(missing.learned_before))}
        </Text>
      )}
      {Object.entries(beside).map(([name, { not_known }]) => (
        <Text key={name} size="sm" c="dimmed" mt={8}>
          {words.beside(words.covariates[name] ?? name)} {bySplit(not_known)}
        </Text>
      ))}
    </section>
  )
}
