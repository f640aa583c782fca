import { Badge, Button, Card, Group, Table, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { keys } from '../../api/queries'
import { cancelUpload, isWorking, listUploads, OUTCOMES, type Upload } from '../../api/uploads'
import { dayTime, number } from '../../format'
import { Empty, Loaded, Rows } from '../../parts/States'
import { texts } from '../../texts'
import data from '../Data.module.css'
import { forget, knows } from './sent'

const words = texts.upload

const COLORS: Record<Upload['state'], string> = {
  receiving: 'amber',
  waiting: 'gray',
  running: 'teal',
  done: 'gray',
  cancelled: 'gray',
  failed: 'red',
}

/** An upload that broke off: it goes on in the browser that sent it, or is dropped. */
function Broken(props: { upload: Upload; onGoOn: (upload: Upload) => void }): ReactNode {
  const { upload, onGoOn } = props
  const client = useQueryClient()
  const drop = useMutation({
    mutationFn: () => cancelUpload(upload.id),
    onSuccess: () => forget(upload.id),
    onSettled: () => client.invalidateQueries({ queryKey: keys.uploads() }),
  })
  return (
    <Group gap={8} justify="flex-end" wrap="nowrap" className={data.above}>
      {knows(upload.id) && (
        <Button size="xs" variant="default" title={words.goOnHelp} onClick={() => onGoOn(upload)}>
          {words.goOn}
        </Button>
      )}
      <Button size="xs" variant="default" loading={drop.isPending} onClick={() => drop.mutate()}>
        {words.dropIt}
      </Button>
    </Group>
  )
}

function Row(props: {
  upload: Upload
  isSending: boolean
  onGoOn: (upload: Upload) => void
}): ReactNode {
  const { upload, isSending, onGoOn } = props
  const broken = upload.state === 'receiving' && !isSending
  return (
    <Table.Tr className={data.row} data-testid={`upload-${upload.id}`}>
      <Table.Td>
        <Link to={`/data/uploads/${upload.id}`} className={data.rowLink}>
          {dayTime(upload.created_at)}
        </Link>
      </Table.Td>
      <Table.Td>{words.ways[upload.way] ?? upload.way}</Table.Td>
      <Table.Td>{upload.by || texts.office.none}</Table.Td>
      <Table.Td>
        <Badge color={isSending ? 'teal' : COLORS[upload.state]}>
          {isSending ? words.sendingHere : words.states[upload.state]}
        </Badge>
      </Table.Td>
      {broken ? (
        <Table.Td colSpan={4}>
          <Broken upload={upload} onGoOn={onGoOn} />
        </Table.Td>
      ) : (
        OUTCOMES.map((outcome) => (
          <Table.Td key={outcome} ta="right">
            <Text
              size="sm"
              span
              c={outcome === 'refused' && upload.refused > 0 ? 'red' : undefined}
            >
              {upload[outcome] > 0 ? number(upload[outcome]) : texts.office.none}
            </Text>
          </Table.Td>
        ))
      )}
    </Table.Tr>
  )
}

/** The latest deliveries by whichever way; each opens its report. */
export function Latest(props: {
  sending: number | null
  onGoOn: (upload: Upload) => void
}): ReactNode {
  const query = useQuery({
    queryKey: keys.uploads(),
    queryFn: listUploads,
    refetchInterval: ({ state }) => (state.data?.some(isWorking) ? 5000 : false),
  })
  return (
    <section>
      <Title order={2} mb={8}>
        {words.latest}
      </Title>
      <Card padding={0}>
        <Loaded
          query={query}
          skeleton={<Rows count={3} />}
          isEmpty={(found) => found.length === 0}
          empty={<Empty title={words.none} help={words.noneHelp} />}
        >
          {(found) => (
            <Table.ScrollContainer minWidth={800}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th w={152}>{words.when}</Table.Th>
                    <Table.Th>{words.way}</Table.Th>
                    <Table.Th>{words.by}</Table.Th>
                    <Table.Th w={136}>{words.state}</Table.Th>
                    {OUTCOMES.map((outcome) => (
                      <Table.Th key={outcome} w={112} ta="right" className={data.capital}>
                        {words.outcomes[outcome]}
                      </Table.Th>
                    ))}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {found.map((upload) => (
                    <Row
                      key={upload.id}
                      upload={upload}
                      isSending={upload.id === props.sending}
                      onGoOn={props.onGoOn}
                    />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Loaded>
      </Card>
    </section>
  )
}
