import { Button, Modal, Stack } from '@mantine/core'
import type { KeyboardEvent, ReactNode } from 'react'
import { texts } from '../texts'
import styles from './SkipDialog.module.css'

interface SkipDialogProps {
  opened: boolean
  onClose: () => void
  onSkip: (reason: string) => void
}

/** A skip says why, by one key. */
export function SkipDialog({ opened, onClose, onSkip }: SkipDialogProps): ReactNode {
  const reasons = texts.reading.skipReasons
  const byKey = (event: KeyboardEvent): void => {
    const reason = reasons[Number(event.key) - 1]
    if (!reason) return
    // The dialog is gone and the next case stands before the key reaches the window: it would answer that case.
    event.stopPropagation()
    onSkip(reason)
  }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={texts.reading.skipTitle}
      onKeyDown={byKey}
      centered
    >
      <Stack gap={8} data-testid="skip-dialog">
        {reasons.map((reason, index) => (
          <Button
            key={reason}
            variant="default"
            justify="flex-start"
            data-autofocus={index === 0 || undefined}
            leftSection={<kbd className={styles.key}>{index + 1}</kbd>}
            onClick={() => onSkip(reason)}
          >
            {reason}
          </Button>
        ))}
        <Button variant="subtle" color="gray" onClick={onClose}>
          {texts.reading.cancel}
        </Button>
      </Stack>
    </Modal>
  )
}
