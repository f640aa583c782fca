import { Button, Skeleton, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../texts'
import styles from './States.module.css'

interface Query<Data> {
  data: Data | undefined
  error: Error | null
  refetch: () => unknown
}

/** Nothing there yet, and what to do about it. */
export function Empty(props: { title: string; help?: string; action?: ReactNode }): ReactNode {
  return (
    <div className={styles.empty} data-testid="empty">
      <Title order={3}>{props.title}</Title>
      {props.help && <Text c="dimmed">{props.help}</Text>}
      {props.action}
    </div>
  )
}

export function Failed(props: { sentence: string; onRetry: () => void }): ReactNode {
  return (
    <div className={styles.empty} role="alert" data-testid="load-failed">
      <Title order={3}>{texts.office.failed}</Title>
      <Text c="dimmed">{props.sentence}</Text>
      <Button variant="default" onClick={props.onRetry}>
        {texts.office.retry}
      </Button>
    </div>
  )
}

export function Rows({ count = 6, height = 40 }: { count?: number; height?: number }): ReactNode {
  return (
    <Stack gap={8} role="status" aria-label={texts.office.loading}>
      {Array.from({ length: count }, (_, row) => row).map((row) => (
        <Skeleton key={row} height={height} />
      ))}
    </Stack>
  )
}

/** A query's four faces: skeleton, error with a retry, empty, and what it is all about. */
export function Loaded<Data>(props: {
  query: Query<Data>
  skeleton?: ReactNode
  isEmpty?: (data: Data) => boolean
  empty?: ReactNode
  children: (data: Data) => ReactNode
}): ReactNode {
  const { query, skeleton, isEmpty, empty, children } = props
  // What is on the page stays there while a refetch fails: the stream's fallback will try again.
  if (query.data !== undefined)
    return isEmpty?.(query.data) ? (empty ?? null) : children(query.data)
  if (query.error)
    return <Failed sentence={query.error.message} onRetry={() => void query.refetch()} />
  return skeleton ?? <Rows />
}
