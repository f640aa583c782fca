import { Button, Card, Group, Text } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import { texts } from '../../texts'
import { chosenFiles, droppedFiles, type NamedFile } from '../files'
import styles from './Uploads.module.css'

const words = texts.upload

/** Drag and drop, or choose: files, whole folders, a zip. */
export function DropArea(props: {
  note?: string | undefined
  onFiles: (files: NamedFile[]) => void
}): ReactNode {
  const { onFiles } = props
  const [over, setOver] = useState(false)
  const [sentence, setSentence] = useState('')
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const take = (found: NamedFile[]): void => {
    setSentence(found.length === 0 ? words.nothing : '')
    onFiles(found)
  }
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    droppedFiles(event.dataTransfer).then(take, (reason: Error) => setSentence(reason.message))
  }
  const input = (folders: boolean) => (
    <input
      ref={folders ? folder : files}
      type="file"
      multiple
      hidden
      data-testid={folders ? 'folder-input' : 'file-input'}
      {...(folders ? { webkitdirectory: '' } : {})}
      onChange={(event) => {
        const { files: chosen } = event.currentTarget
        if (chosen) take(chosenFiles(chosen))
        event.currentTarget.value = ''
      }}
    />
  )
  return (
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
      <IconUpload size={32} stroke={1.5} aria-hidden className={styles.icon} />
      <Text fw={600} size="lg">
        {words.drop}
      </Text>
      <Text size="sm" c="dimmed" maw={520}>
        {words.dropHelp}
      </Text>
      <Group gap={8} mt={8}>
        <Button onClick={() => folder.current?.click()}>{words.chooseFolder}</Button>
        <Button variant="default" onClick={() => files.current?.click()}>
          {words.choose}
        </Button>
      </Group>
      {(sentence || props.note) && (
        <Text size="sm" role="status" c={sentence ? 'red' : 'teal'} mt={8}>
          {sentence || props.note}
        </Text>
      )}
      {input(false)}
      {input(true)}
    </Card>
  )
}
