import { Button, Stack } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { texts } from '../texts'
import { Dialog } from './Dialog'
import styles from './SkipDialog.module.css'

interface SkipDialogProps {
  opened: boolean
  onClose: () => void
  onSkip: (reason: string) => void
}

/** A skip says why, by one key. */
export function SkipDialog({ opened, onClose, onSkip }: SkipDialogProps): ReactNode {
  const reasons = texts.reading.skipReasons
  useEffect(() => {
    // Before anything else hears it: the focus may not be in the dialog yet, and once the dialog is gone the next
    // case stands, which the same key would answer.
    const byKey = (event: KeyboardEvent): void => {
      const reason = reasons[Number(event.key) - 1]
      if (!reason) return
      event.stopImmediatePropagation()
      event.preventDefault()
      onSkip(reason)
    }
    if (opened) window.addEventListener('keydown', byKey, true)
    return () => window.removeEventListener('keydown', byKey, true)
  }, [opened, onSkip, reasons])
  return (
    <Dialog opened={opened} onClose={onClose} title={texts.reading.skipTitle}>
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
    </Dialog>
  )
}
