import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { type Annotation, flagAnnotation } from '../api/reading'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'

/** As the server takes it. */
const LONGEST = 1000

interface DiscussDialogProps {
  annotation: Annotation
  onClose: () => void
  onFlagged: (annotation: Annotation) => void
}

/** "Discuss this", with a note. It stays open until the server has it: what was typed is never thrown away. */
export function DiscussDialog({ annotation, onClose, onFlagged }: DiscussDialogProps): ReactNode {
  const [note, setNote] = useState(annotation.flag_note)
  const [failure, setFailure] = useState<string | null>(null)
  const [sending, setSending] = useState(false)
  const send = async (flagged: boolean): Promise<void> => {
    setSending(true)
    try {
      onFlagged(await flagAnnotation(annotation.id, flagged, note))
      onClose()
    } catch (error) {
      setFailure((error as Error).message)
      setSending(false)
    }
  }
  return (
    <Dialog opened onClose={onClose} title={texts.losses.discussTitle}>
      <Stack gap={12} data-testid="discuss-dialog">
        <Textarea
          label={texts.losses.discussNote}
          data-autofocus
          autosize
          minRows={3}
          maxLength={LONGEST}
          error={note.length >= LONGEST && texts.losses.longest(LONGEST)}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          onKeyDown={(event) => {
            // the Enter that ends a Chinese word is no Enter
            if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault()
              void send(true)
            }
          }}
        />
        {failure && (
          <Text size="sm" role="alert">
            {failure}
          </Text>
        )}
        <Group gap={8}>
          <Button loading={sending} onClick={() => void send(true)}>
            {texts.losses.discussSave}
          </Button>
          {annotation.flagged && (
            <Button variant="default" onClick={() => void send(false)}>
              {texts.losses.discussRemove}
            </Button>
          )}
          <Button variant="subtle" color="gray" onClick={onClose}>
            {texts.reading.cancel}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
