import { Anchor, Button, Card, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { keys } from '../api/queries'
import { buildCases, type Task } from '../api/tasks'
import { getTraining, listModels, type Training } from '../api/training'
import { dayTime } from '../format'
import { JobProgress } from '../jobs/JobProgress'
import { Empty, Failed } from '../parts/States'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'
import { currentOf, estimateText, mainFigure } from '../training/figures'
import { LearningCurve } from '../training/LearningCurve'
import { countedText } from '../training/next'
import { RunNow } from '../training/RunNow'
import styles from './Overview.module.css'

const { numbers } = texts.tasks

interface FigureProps {
  label: string
  value: string
  /** The interval of an estimate, smaller than its value. */
  interval?: string
  note: ReactNode
  testId: string
}

function Figure(props: FigureProps): ReactNode {
  return (
    <Card padding={16} data-testid={props.testId}>
      <Text size="xs" c="dimmed">
        {props.label}
      </Text>
      <Text className={styles.figure}>
        {props.value} <span className={styles.interval}>{props.interval}</span>
      </Text>
      <Text size="xs" c="dimmed">
        {props.note}
      </Text>
    </Card>
  )
}

function Figures({ task }: { task: Task }): ReactNode {
  const { counts } = task
  const { data } = useQuery({ queryKey: keys.models(task.id), queryFn: () => listModels(task.id) })
  const model = data && currentOf(data)
  const main = model && mainFigure(model)
  const [value, interval] = main ? estimateText(main.estimate).split(' ') : []
  return (
    <SimpleGrid cols={{ base: 2, md: 5 }} spacing={16}>
      <Figure
        testId="number-read"
        label={numbers.read}
        value={String(counts.read)}
        note={numbers.readOf(counts.cases)}
      />
      <Figure
        testId="number-waiting"
        label={numbers.waiting}
        value={String(counts.waiting)}
        note={numbers.waitingIs}
      />
      <Figure
        testId="number-today"
        label={numbers.today}
        value={String(counts.mine_today)}
        note={numbers.todayIs}
      />
      <Figure
        testId="number-discuss"
        label={numbers.discuss}
        value={String(counts.to_discuss)}
        note={
          <Anchor component={Link} to={`/tasks/${task.id}/worklist?discuss`} size="xs">
            {numbers.discussShow}
          </Anchor>
        }
      />
      <Figure
        testId="number-model"
        label={numbers.model}
        value={value || texts.office.none}
        interval={interval}
        note={model && main ? numbers.modelIs(model.number, main.name) : numbers.noModel}
      />
    </SimpleGrid>
  )
}

/** What runs, why nothing does, and what it would take. */
function Now({ task, training }: { task: Task; training: Training }): ReactNode {
  const { run, decision } = training
  return (
    <Card data-testid="now">
      <Title order={2} mb={8}>
        {texts.tasks.now}
      </Title>
      {run?.job ? (
        <JobProgress job={run.job} mayCancel={task.role === 'admin'} />
      ) : (
        <Text c="dimmed">{texts.tasks.nothingRuns}</Text>
      )}
      <dl className={styles.facts}>
        <dt>{texts.tasks.next}</dt>
        <dd data-testid="threshold">{countedText(training)}</dd>
        {decision && (
          <>
            <dt>{texts.tasks.decision}</dt>
            <dd data-testid="decision">
              {serverSaid(decision.reason_said, decision.reason)}
              <span className={styles.when}>{texts.training.since(dayTime(decision.at))}</span>
            </dd>
          </>
        )}
      </dl>
      {task.role === 'admin' && <RunNow task={task.id} />}
    </Card>
  )
}

function BuildCases({ task }: { task: Task }): ReactNode {
  const client = useQueryClient()
  const build = useMutation({
    mutationFn: () => buildCases(task.id),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.allOf(task.id) }),
  })
  const said =
    build.error?.message ??
    (build.data && texts.tasks.built(build.data.created, build.data.already))
  return (
    <Card>
      <Empty
        title={texts.tasks.noCases}
        help={said ?? texts.tasks.noCasesHelp}
        action={
          task.role === 'admin' && (
            <Button loading={build.isPending} onClick={() => build.mutate()}>
              {texts.tasks.buildCases}
            </Button>
          )
        }
      />
    </Card>
  )
}

/** Four numbers, the learning curve, what runs now and what comes next. */
export function Overview({ task }: { task: Task }): ReactNode {
  const training = useQuery({
    queryKey: keys.training(task.id),
    queryFn: () => getTraining(task.id),
  })
  if (task.counts.cases === 0) return <BuildCases task={task} />
  return (
    <Stack gap={24}>
      <Figures task={task} />
      {training.error && !training.data ? (
        <Failed sentence={training.error.message} onRetry={() => void training.refetch()} />
      ) : (
        <div className={styles.columns}>
          <LearningCurve task={task} training={training.data} />
          {training.data && <Now task={task} training={training.data} />}
        </div>
      )}
    </Stack>
  )
}
