import { Badge, Card, CloseButton, Group, Switch, Table, Title } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { UploadItem } from '../api/archive'
import { texts } from '../texts'
import styles from './Upload.module.css'

const COLORS: Record<UploadItem['outcome'], string> = {
  taken: 'teal',
  already: 'gray',
  refused: 'red',
}

const count = (items: UploadItem[], outcome: UploadItem['outcome']): number =>
  items.filter((item) => item.outcome === outcome).length

/** What became of each file, by name and with the reason. */
export function Report({
  items,
  onClose,
}: {
  items: UploadItem[]
  onClose: () => void
}): ReactNode {
  const refused = count(items, 'refused')
  const [onlyRefused, setOnlyRefused] = useState(false)
  const shown = onlyRefused ? items.filter((item) => item.outcome === 'refused') : items
  return (
    <Card padding={0} mt={16} data-testid="report">
      <Group justify="space-between" p={16}>
        <Title order={2}>
          {texts.data.report(count(items, 'taken'), count(items, 'already'), refused)}
        </Title>
        <Group gap={16}>
          {refused > 0 && refused < items.length && (
            <Switch
              label={texts.data.onlyRefused}
              checked={onlyRefused}
              onChange={(event) => setOnlyRefused(event.currentTarget.checked)}
            />
          )}
          <CloseButton aria-label={texts.data.close} onClick={onClose} />
        </Group>
      </Group>
      <div className={styles.scroll}>
        <Table layout="fixed" stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{texts.data.file}</Table.Th>
              <Table.Th w={136}>{texts.data.outcome}</Table.Th>
              <Table.Th w="50%">{texts.data.reason}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((item) => (
              <Table.Tr key={item.name}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{item.name}</Table.Td>
                <Table.Td>
                  <Badge color={COLORS[item.outcome]}>{texts.data.outcomes[item.outcome]}</Badge>
                </Table.Td>
                <Table.Td>{item.reason || texts.office.none}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Card>
  )
}
