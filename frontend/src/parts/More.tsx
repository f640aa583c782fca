import { Button, Center } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../texts'

interface Paged {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => Promise<unknown>
}

/** Fetches the next page of a long list; nothing where there is none. */
export function More({ query }: { query: Paged }): ReactNode {
  if (!query.hasNextPage) return null
  return (
    <Center>
      <Button
        variant="default"
        loading={query.isFetchingNextPage}
        onClick={() => void query.fetchNextPage()}
      >
        {texts.office.more}
      </Button>
    </Center>
  )
}
