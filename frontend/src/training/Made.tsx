import { Code, Title } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'
import type { Card } from '../api/training'
import { dayTime } from '../format'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'
import styles from './Models.module.css'

const words = texts.models

function one(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(4)))
  if (Array.isArray(value)) return value.map(one).join(', ')
  return typeof value === 'object' && value ? `(${told(value, ', ')})` : String(value)
}

const told = (of: object, between = ' · '): string =>
  Object.entries(of)
    .map(([name, value]) => `${name} ${one(value)}`)
    .join(between)

/** What it started from and by which code, in the order in which one asks. */
const START = ['name', 'network', 'sha256', 'source']
const listed = (of: Record<string, string>, order: string[]): string =>
  order.flatMap((name) => of[name] || []).join(' · ')

const codeText = ({ release, torch, sha256 }: Record<string, string>): string =>
  `Osteon ${release} · torch ${torch} · SHA-256 ${sha256}`

/** When, from what code and with which settings a version was made: what it takes to make it again. */
export function Made({ card }: { card: Card }): ReactNode {
  const { run, code } = card
  const facts: [string, ReactNode][] = [
    [texts.training.speed, card.speed === 'full' ? texts.tasks.full : texts.tasks.fast],
    [texts.training.trigger, serverSaid(run.trigger_said, run.trigger)],
    [words.queued, dayTime(run.queued_at)],
    [words.began, dayTime(run.started_at)],
    [words.ended, dayTime(run.finished_at)],
    [words.attempts, run.attempts],
    [words.seed, card.seed],
    [words.weights, <Code key="weights">{card.weights}</Code>],
    [words.encoder, <Code key="encoder">{card.encoder}</Code>],
    [words.startedFrom, card.start ? listed(card.start, START) : words.notKept],
    [words.code, code ? codeText(code) : words.notKept],
    [words.settings, card.settings ? told(card.settings) : words.notKept],
    [words.calibrated, card.model ? told(card.model.calibration) : words.notKept],
  ]
  return (
    <section>
      <Title order={2} mb={8}>
        {words.made}
      </Title>
      <dl className={`${styles.facts} figures`}>
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd className={styles.long}>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  )
}
