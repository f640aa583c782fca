import { Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef } from 'react'
import type { LogLine } from '../api/jobs'
import { keys } from '../api/queries'
import { getLog } from '../api/training'
import { clockTime } from '../format'
import { Loaded, Rows } from '../parts/States'
import { texts } from '../texts'
import { serverSaid } from '../texts/server'
import styles from './Models.module.css'

/** What a run says of itself, the newest line in sight. */
export function Lines({ lines }: { lines: LogLine[] }): ReactNode {
  const list = useRef<HTMLOListElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is what scrolls
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight
  }, [lines.length])
  return (
    <section>
      <Title order={3} mb={8}>
        {texts.training.log}
      </Title>
      {lines.length === 0 ? (
        <Text size="sm" c="dimmed">
          {texts.training.logEmpty}
        </Text>
      ) : (
        <ol
          ref={list}
          className={`${styles.log} figures`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
          tabIndex={0}
          aria-label={texts.training.log}
          data-testid="log"
        >
          {lines.map(({ at, line, ...said }, number) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added
            <li key={number}>
              <time dateTime={at}>{clockTime(at)}</time>
              {serverSaid(said, line)}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

/** The log of one run, fetched when it is wanted. */
export function Log({ task, run }: { task: number; run: number }): ReactNode {
  const query = useQuery({ queryKey: keys.log(task, run), queryFn: () => getLog(run) })
  return (
    <Loaded query={query} skeleton={<Rows count={3} height={20} />}>
      {({ log }) => <Lines lines={log} />}
    </Loaded>
  )
}
