import { Button, Card, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconEyeExclamation, IconSearch, IconUpload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { listHolds } from '../api/holds'
import { getMe } from '../api/me'
import { keys } from '../api/queries'
import { More } from '../parts/More'
import { Heading } from '../parts/Page'
import { Empty, Loaded } from '../parts/States'
import { texts } from '../texts'
import styles from './Data.module.css'
import { Filters } from './Filters'
import { StudyTable } from './StudyTable'
import { isFiltered, useStudies, useWanted } from './useStudies'

function UploadButton(): ReactNode {
  return (
    <Button component={Link} to="/data/upload" leftSection={<IconUpload size={16} aria-hidden />}>
      {texts.data.upload}
    </Button>
  )
}

/** Images that may show a name are for an admin to look at; nothing where there are none. */
function Waiting(): ReactNode {
  const { data } = useQuery({ queryKey: keys.holds('count'), queryFn: () => listHolds(null) })
  if (!data?.count) return null
  return (
    <Card padding="sm" className={styles.waiting} data-testid="holds-wait">
      <IconEyeExclamation size={20} aria-hidden />
      <Text fw={600} className={styles.grow}>
        {texts.data.wait(data.count)}
      </Text>
      <Button component={Link} to="/data/holds" variant="default" size="xs">
        {texts.data.lookAtThem}
      </Button>
    </Card>
  )
}

/** What the archive holds: counted, filtered, searched; a row opens a study. */
export function DataPage(): ReactNode {
  const { data } = texts
  const { wanted, typed, type, filter, clear } = useWanted()
  const staff = useQuery({ queryKey: keys.me, queryFn: getMe }).data?.is_staff ?? false
  const query = useStudies(wanted)
  const first = query.data?.pages[0]
  const empty = isFiltered(wanted) ? (
    <Empty
      title={data.noMatch}
      help={data.noMatchHelp}
      action={
        <Button variant="default" onClick={clear}>
          {data.clear}
        </Button>
      }
    />
  ) : staff ? (
    <Empty title={data.empty} help={data.emptyHelp} action={<UploadButton />} />
  ) : (
    <Empty title={data.emptyReader} help={data.emptyReaderHelp} />
  )
  const nothingYet = first?.counts.studies === 0 && !isFiltered(wanted)
  return (
    <>
      <Heading title={data.title} actions={staff && !nothingYet && <UploadButton />} />
      <Stack gap={16}>
        {staff && <Waiting />}
        {!nothingYet && (
          <>
            <Group justify="space-between">
              <TextInput
                w={320}
                aria-label={data.search}
                placeholder={data.search}
                leftSection={<IconSearch size={16} aria-hidden />}
                value={typed}
                onChange={(event) => type(event.currentTarget.value)}
              />
              <Text size="sm" c="dimmed" className="figures" role="status" data-testid="counts">
                {first && data.counts(first.counts.studies, first.counts.instances)}
              </Text>
            </Group>
            <Filters facets={first?.facets} wanted={wanted} onChange={filter} />
          </>
        )}
        <Card padding={0}>
          <Loaded
            query={query}
            isEmpty={(found) => found.pages[0]?.results.length === 0}
            empty={empty}
          >
            {(found) => <StudyTable studies={found.pages.flatMap((page) => page.results)} />}
          </Loaded>
        </Card>
        <More query={query} />
      </Stack>
    </>
  )
}
