import { Alert, Badge, Group, List, Card as Panel, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from '../api/http'
import { keys } from '../api/queries'
import type { Task } from '../api/tasks'
import { type Card, getCard, type Purpose as PurposeText } from '../api/training'
import { day, dayTime } from '../format'
import { slotsOf } from '../kinds/slots'
import { Back } from '../parts/Back'
import { Loaded } from '../parts/States'
import { texts } from '../texts'
import { language } from '../texts/language'
import { Actions } from './Actions'
import { COLORS } from './figures'
import { gateText } from './gate'
import { LearnedFrom } from './LearnedFrom'
import { Made } from './Made'
import styles from './Models.module.css'
import { Reliability } from './Reliability'
import { SlotFigures } from './SlotFigures'
import { Subgroups } from './Subgroups'

const words = texts.models

const inLanguage = ({ purpose }: Card): PurposeText =>
  language === 'zh'
    ? { is: purpose.is_zh, for: purpose.for_zh, not_for: purpose.not_for_zh }
    : purpose

function Purpose({ purpose }: { purpose: PurposeText }): ReactNode {
  const parts: [string, string[]][] = [
    [words.isFor, purpose.for],
    [words.isNotFor, purpose.not_for],
  ]
  return (
    <div className={styles.halves}>
      {parts.map(([title, lines]) => (
        <section key={title}>
          <Title order={2} mb={8}>
            {title}
          </Title>
          <List size="sm" spacing={4}>
            {lines.map((line) => (
              <List.Item key={line}>{line}</List.Item>
            ))}
          </List>
        </section>
      ))}
    </div>
  )
}

interface GateProps {
  card: Card
  labelOf: (slot: string) => string
}

function Gate({ card, labelOf }: GateProps): ReactNode {
  return (
    <dl className={styles.facts}>
      <dt>{texts.training.gate}</dt>
      <dd>
        {card.gate ? gateText(card.gate, card.form) : texts.office.none}{' '}
        {!!card.gate?.against && words.against(card.gate.against)}
      </dd>
      {!!card.gate?.left_out?.length && (
        <>
          <dt>{words.leftOut}</dt>
          <dd>{words.leftOutSays(card.gate.left_out.map(labelOf))}</dd>
        </>
      )}
      {!!card.gate?.not_judged && (
        <>
          <dt>{words.notJudged}</dt>
          <dd>{words.notJudgedSays(card.gate.not_judged)}</dd>
        </>
      )}
      <dt>{texts.training.lockedTest}</dt>
      <dd>
        {!!card.gate?.test_uses && texts.training.testUses(card.gate.test_uses)}{' '}
        {words.usesNow(card.test_uses_now)}
      </dd>
      {card.state === 'current' && card.promoted_at && (
        <>
          <dt>{texts.training.inUse}</dt>
          <dd>
            {texts.training.promotedBy(
              card.promoted_by ?? texts.training.byGate,
              day(card.promoted_at),
            )}
          </dd>
        </>
      )}
      {card.deleted && (
        <>
          <dt>{words.deleted}</dt>
          <dd>
            {texts.office.told(
              [dayTime(card.deleted.at), card.deleted.by].filter(Boolean).join(' · '),
              card.deleted.reason,
            )}
          </dd>
        </>
      )}
    </dl>
  )
}

function Shown({ card, task }: { card: Card; task: Task }): ReactNode {
  const slots = slotsOf(card.form)
  const slotOf = (name: string) => slots.find((one) => one.slot === name)
  const labelOf = (name: string): string => slotOf(name)?.label ?? card.labels[name] ?? name
  return (
    <Stack gap={24} data-testid="model-card">
      <Group justify="space-between" mih={40}>
        <Group gap={12}>
          <Title order={2} fz={20}>
            {words.title(card.number)}
          </Title>
          <Badge color={COLORS[card.state]}>{texts.training.modelStates[card.state]}</Badge>
        </Group>
        <Actions card={card} task={task} />
      </Group>
      {card.lost && (
        <Alert color="red" role="status" title={words.lost}>
          {card.state === 'current' ? words.lostCurrent : words.lostOther}
        </Alert>
      )}
      <Panel>
        <Stack gap={24}>
          <Text>{inLanguage(card).is}</Text>
          <Purpose purpose={inLanguage(card)} />
          <Gate card={card} labelOf={labelOf} />
        </Stack>
      </Panel>
      {Object.entries(card.slots).map(([name, { kind, metrics }]) => (
        <Panel key={name}>
          <Title order={2}>{labelOf(name)}</Title>
          <Stack gap={24}>
            <div>
              <SlotFigures kind={kind} metrics={metrics} field={slotOf(name)?.field} />
            </div>
            {card.promises[name] && (
              <Text size="sm" c="dimmed">
                {words.promise(card.promises[name])}
              </Text>
            )}
            {card.model?.evidence?.[name] && (
              <Text size="sm" c="dimmed">
                {words.weighs(labelOf(name), card.model.evidence[name].places.map(labelOf))}
              </Text>
            )}
            {card.judged[name]?.calibration && <Reliability of={card.judged[name].calibration} />}
            <Subgroups groups={card.judged[name]?.subgroups ?? []} />
          </Stack>
        </Panel>
      ))}
      <Panel>
        <LearnedFrom card={card} labelOf={labelOf} fieldOf={(name) => slotOf(name)?.field} />
      </Panel>
      <Panel>
        <Made card={card} />
      </Panel>
    </Stack>
  )
}

/** The address names the task too: another task's model is none of this one's. */
async function cardOf(task: Task, model: number): Promise<Card> {
  const card = await getCard(model)
  if (card.task.id !== task.id) throw new ApiError(404, texts.errors.notFound)
  return card
}

/** All that is known of one version. */
export function CardPage({ task, model }: { task: Task; model: number }): ReactNode {
  const query = useQuery({
    queryKey: keys.card(task.id, model),
    queryFn: () => cardOf(task, model),
  })
  return (
    <>
      <Back to={`/tasks/${task.id}/models`} label={words.back} />
      <Loaded query={query}>{(card) => <Shown card={card} task={task} />}</Loaded>
    </>
  )
}
