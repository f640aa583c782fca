import { Group, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useEffect } from 'react'
import { texts } from '../texts'

/** A page's heading with its actions at the right. */
export function Heading(props: { title: string; note?: string; actions?: ReactNode }): ReactNode {
  useEffect(() => {
    document.title = `${props.title} · ${texts.office.product}`
  }, [props.title])
  return (
    <Group justify="space-between" align="center" mb={24} mih={40}>
      <Group gap={16} align="baseline">
        <Title order={1}>{props.title}</Title>
        {props.note && <span className="figures">{props.note}</span>}
      </Group>
      <Group gap={8}>{props.actions}</Group>
    </Group>
  )
}
