import { Badge, Button, Card, Group, SegmentedControl, Stack, Table, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { keys } from '../../api/queries'
import {
  listItems,
  OUTCOMES,
  type Outcome,
  reportAddress,
  type Upload,
  type UploadItem,
} from '../../api/uploads'
import { number } from '../../format'
import { More } from '../../parts/More'
import { Empty, Loaded } from '../../parts/States'
import { texts } from '../../texts'
import styles from './Uploads.module.css'

const words = texts.upload

const COLORS: Record<Outcome, string> = {
  taken: 'teal',
  already: 'gray',
  held: 'amber',
  refused: 'red',
}

/** The file has its own column: the sentence need not begin with its name. */
function reason({ name, reason: sentence }: UploadItem): string {
  const rest = sentence.startsWith(name) ? sentence.slice(name.length).trim() : sentence
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}

function Row({ item }: { item: UploadItem }): ReactNode {
  const where = words.at(item.tag, item.offset)
  return (
    <Table.Tr data-testid="item">
      <Table.Td className={styles.path}>{item.name}</Table.Td>
      <Table.Td>
        <Badge color={COLORS[item.outcome]}>{words.outcomes[item.outcome]}</Badge>
      </Table.Td>
      <Table.Td>
        {reason(item) || texts.office.none}
        {(item.code || where) && item.outcome === 'refused' && (
          <Text size="xs" c="dimmed">
            {[item.code, where].filter(Boolean).join(' · ')}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

/** What became of each file, by name and with the reason; what was refused comes first to the eye. */
export function Items({ upload }: { upload: Upload }): ReactNode {
  const [outcome, setOutcome] = useState<string>(upload.refused > 0 ? 'refused' : '')
  const query = useInfiniteQuery({
    queryKey: keys.report(upload.id, outcome),
    queryFn: ({ pageParam }) => listItems(upload.id, outcome, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })
  const total = OUTCOMES.reduce((sum, one) => sum + upload[one], 0)
  const choices = [
    { value: '', label: `${words.all} ${number(total)}` },
    ...OUTCOMES.filter((one) => upload[one] > 0).map((one) => ({
      value: one,
      label: `${words.outcomes[one]} ${number(upload[one])}`,
    })),
  ]
  return (
    <Stack gap={12} data-testid="report">
      <Group justify="space-between">
        <SegmentedControl
          data={choices}
          value={outcome}
          onChange={setOutcome}
          aria-label={words.outcome}
        />
        <Button
          component="a"
          href={reportAddress(upload.id)}
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {words.download}
        </Button>
      </Group>
      <Card padding={0}>
        <Loaded
          query={query}
          isEmpty={(found) => found.pages[0]?.results.length === 0}
          empty={<Empty title={words.noItems} />}
        >
          {(found) => (
            <Table layout="fixed">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{words.file}</Table.Th>
                  <Table.Th w={136}>{words.outcome}</Table.Th>
                  <Table.Th w="50%">{words.reason}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {found.pages
                  .flatMap((page) => page.results)
                  .map((item, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the list only grows, and two files may have one name
                    <Row key={at} item={item} />
                  ))}
              </Table.Tbody>
            </Table>
          )}
        </Loaded>
      </Card>
      <More query={query} />
    </Stack>
  )
}
