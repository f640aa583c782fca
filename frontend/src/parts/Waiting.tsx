import { Center, Loader, Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** A page that has nothing to show yet, in words. */
export function Waiting({ text }: { text: string }): ReactNode {
  return (
    <Center h="100%" role="status">
      <Loader size="sm" mr={12} />
      <Text c="dimmed">{text}</Text>
    </Center>
  )
}
