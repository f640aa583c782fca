import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'
import { Reasons } from './Reasons'

interface SkipDialogProps {
  opened: boolean
  onClose: () => void
  onSkip: (reason: string) => void
}

/** A skip says why, by one key. */
export function SkipDialog({ opened, onClose, onSkip }: SkipDialogProps): ReactNode {
  const reasons = texts.reading.skipReasons
  return (
    <Dialog opened={opened} onClose={onClose} title={texts.reading.skipTitle}>
      <Reasons opened={opened} reasons={reasons} onReason={onSkip} data-testid="skip-dialog">
        <Button variant="subtle" color="gray" onClick={onClose}>
          {texts.reading.cancel}
        </Button>
      </Reasons>
    </Dialog>
  )
}
