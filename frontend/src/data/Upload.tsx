import { Button, Card, Group, Progress, Text } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import { type UploadItem, uploadFiles } from '../api/archive'
import { keys } from '../api/queries'
import { texts } from '../texts'
import { chosenFiles, droppedFiles, type NamedFile, parcels } from './files'
import { Report } from './Report'
import styles from './Upload.module.css'

/** One request holds at most this; a broken one costs no more than that either. */
const FILES_A_REQUEST = 50
const BYTES_A_REQUEST = 100_000_000

interface Sending {
  done: number
  total: number
}

function refusedAll(parcel: NamedFile[], sentence: string): UploadItem[] {
  return parcel.map(({ path }) => ({
    name: path,
    outcome: 'refused',
    reason: sentence,
    sop_instance_uid: '',
  }))
}

/** A CSV travels with every parcel: its line in the report is wanted once. */
function withoutRepeats(items: UploadItem[]): UploadItem[] {
  return [...new Map(items.map((item) => [item.name, item])).values()]
}

function useUpload(): {
  sending: Sending | null
  items: UploadItem[] | null
  send: (files: NamedFile[]) => Promise<void>
  close: () => void
} {
  const client = useQueryClient()
  const [sending, setSending] = useState<Sending | null>(null)
  const [items, setItems] = useState<UploadItem[] | null>(null)
  const send = async (files: NamedFile[]): Promise<void> => {
    if (files.length === 0 || sending) return
    const said: UploadItem[] = []
    let done = 0
    setItems(null)
    setSending({ done, total: files.length })
    for (const parcel of parcels(files, FILES_A_REQUEST, BYTES_A_REQUEST)) {
      try {
        said.push(...(await uploadFiles(parcel)).items)
      } catch (error) {
        said.push(...refusedAll(parcel, (error as Error).message))
      }
      done = Math.min(files.length, done + parcel.length)
      setSending({ done, total: files.length })
    }
    setSending(null)
    setItems(withoutRepeats(said))
    await client.invalidateQueries({ queryKey: keys.studies() })
  }
  return { sending, items, send, close: () => setItems(null) }
}

/** Drag and drop, or choose; every file is answered for. */
export function Upload(): ReactNode {
  const { sending, items, send, close } = useUpload()
  const [over, setOver] = useState(false)
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    void droppedFiles(event.dataTransfer).then(send)
  }
  const hidden = (folders: boolean) => (
    <input
      ref={folders ? folder : files}
      type="file"
      multiple
      hidden
      data-testid={folders ? 'folder-input' : 'file-input'}
      {...(folders ? { webkitdirectory: '' } : {})}
      onChange={(event) => {
        const { files: chosen } = event.currentTarget
        if (chosen) void send(chosenFiles(chosen))
        event.currentTarget.value = ''
      }}
    />
  )
  return (
    <>
      <Card
        className={styles.drop}
        data-over={over || undefined}
        data-testid="drop"
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {sending ? (
          <div className={styles.sending} role="status">
            <Text>{texts.data.sending(sending.done, sending.total)}</Text>
            <Progress value={(100 * sending.done) / sending.total} animated />
          </div>
        ) : (
          <>
            <IconUpload size={24} aria-hidden className={styles.icon} />
            <div className={styles.words}>
              <Text fw={600}>{texts.data.drop}</Text>
              <Text size="sm" c="dimmed">
                {texts.data.dropHelp}
              </Text>
            </div>
            <Group gap={8} wrap="nowrap">
              <Button variant="default" onClick={() => files.current?.click()}>
                {texts.data.choose}
              </Button>
              <Button variant="default" onClick={() => folder.current?.click()}>
                {texts.data.chooseFolder}
              </Button>
            </Group>
          </>
        )}
        {hidden(false)}
        {hidden(true)}
      </Card>
      {items && <Report items={items} onClose={close} />}
    </>
  )
}
