import { Button, Menu, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { getFile } from '../api/http'
import type { Card } from '../api/training'
import { texts } from '../texts'

const words = texts.models

/** A browser may begin to read what it saves a while after the click. */
const LEFT_MS = 60_000

function save(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), LEFT_MS)
}

/** The card as a file, and for admins the weights; where theirs is missing or damaged, the server's sentence. */
export function Download({ card, admin }: { card: Card; admin: boolean }): ReactNode {
  const base = `/api/models/${card.id}`
  const weights = useMutation({
    mutationFn: () => getFile(`${base}/weights/`),
    onSuccess: (file) => save(file, `task-${card.task.id}-model-${card.number}.safetensors`),
  })
  return (
    <>
      {weights.error && (
        <Text size="sm" c="red" role="alert">
          {weights.error.message}
        </Text>
      )}
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button
            size="xs"
            variant="default"
            loading={weights.isPending}
            rightSection={<IconChevronDown size={16} />}
          >
            {words.download}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {admin && card.state !== 'deleted' && (
            <Menu.Item onClick={() => weights.mutate()}>{words.downloadWeights}</Menu.Item>
          )}
          <Menu.Item
            component="a"
            href={`${base}/card/?format=md`}
            download={`model-${card.number}.md`}
          >
            {words.downloadMarkdown}
          </Menu.Item>
          <Menu.Item
            component="a"
            href={`${base}/card/?format=json`}
            download={`model-${card.number}.json`}
          >
            {words.downloadJson}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
