import { Card, Stack, Table, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { listStudies, type StudyRow } from '../api/archive'
import { getMe } from '../api/me'
import { keys } from '../api/queries'
import { studyDate } from '../format'
import { More } from '../parts/More'
import { Heading } from '../parts/Page'
import { Empty, Loaded } from '../parts/States'
import { Thumbnail } from '../parts/Thumbnail'
import { texts } from '../texts'
import styles from './Data.module.css'
import { Upload } from './Upload'

const SEARCH_AFTER_MS = 250

function Row({ study }: { study: StudyRow }): ReactNode {
  return (
    <Table.Tr>
      <Table.Td>{study.thumbnail && <Thumbnail src={study.thumbnail} />}</Table.Td>
      <Table.Td fw={600}>{study.patient}</Table.Td>
      <Table.Td>{study.study_description || texts.office.none}</Table.Td>
      <Table.Td>{studyDate(study.study_date)}</Table.Td>
      <Table.Td>{study.modality}</Table.Td>
      <Table.Td>{study.body_part_examined || texts.office.none}</Table.Td>
      <Table.Td>{study.laterality || texts.office.none}</Table.Td>
      <Table.Td ta="right">{study.instances}</Table.Td>
    </Table.Tr>
  )
}

function Studies({ studies }: { studies: StudyRow[] }): ReactNode {
  const { data } = texts
  return (
    <Table.ScrollContainer minWidth={800}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={72} />
            <Table.Th>{data.patient}</Table.Th>
            <Table.Th>{data.study}</Table.Th>
            <Table.Th>{data.date}</Table.Th>
            <Table.Th>{data.modality}</Table.Th>
            <Table.Th>{data.bodyPart}</Table.Th>
            <Table.Th>{texts.tasks.side}</Table.Th>
            <Table.Th ta="right">{data.images}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {studies.map((study) => (
            <Row key={study.study_instance_uid} study={study} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** What the archive holds, and the way in. */
export function DataPage(): ReactNode {
  const { data } = texts
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), SEARCH_AFTER_MS)
  const me = useQuery({ queryKey: keys.me, queryFn: getMe })
  const query = useInfiniteQuery({
    queryKey: keys.studies(search),
    queryFn: ({ pageParam }) => listStudies(search, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
  const counts = query.data?.pages[0]?.counts
  const empty = search ? (
    <Empty title={data.noMatch} help={data.noMatchHelp} />
  ) : (
    <Empty title={data.empty} help={data.emptyHelp} />
  )
  return (
    <>
      <Heading title={data.title} />
      <Stack gap={24}>
        {me.data?.is_staff && (
          <div>
            <Upload />
          </div>
        )}
        <div className={styles.bar}>
          <TextInput
            w={320}
            aria-label={data.search}
            placeholder={data.search}
            leftSection={<IconSearch size={16} />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Text size="sm" c="dimmed" className="figures">
            {counts && data.counts(counts.studies, counts.instances)}
          </Text>
        </div>
        <Card padding={0}>
          <Loaded
            query={query}
            isEmpty={(found) => found.pages[0]?.results.length === 0}
            empty={empty}
          >
            {(found) => <Studies studies={found.pages.flatMap((page) => page.results)} />}
          </Loaded>
        </Card>
        <More query={query} />
      </Stack>
    </>
  )
}
