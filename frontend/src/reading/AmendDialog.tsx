import { Button, Stack, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Dialog } from '../parts/Dialog'
import { texts } from '../texts'
import { Reasons } from './Reasons'

/** As the server takes it. */
const LONGEST = 300

interface AmendDialogProps {
  opened: boolean
  /** null: the reader thinks better of it. */
  onAmend: (reason: string | null) => void
}

/** An amendment says why: by one key, or in the reader's own words. */
export function AmendDialog({ opened, onAmend }: AmendDialogProps): ReactNode {
  const reasons = texts.losses.amendReasons
  const [own, setOwn] = useState('')
  return (
    <Dialog opened={opened} onClose={() => onAmend(null)} title={texts.losses.amendTitle}>
      <Reasons opened={opened} reasons={reasons} onReason={onAmend} data-testid="amend-dialog">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (own.trim()) onAmend(own.trim())
          }}
        >
          <Stack gap={8}>
            <TextInput
              label={texts.losses.amendOther}
              maxLength={LONGEST}
              error={own.length >= LONGEST && texts.losses.longest(LONGEST)}
              value={own}
              onChange={(event) => setOwn(event.currentTarget.value)}
            />
            <Button type="submit" disabled={!own.trim()}>
              {texts.losses.amendConfirm}
            </Button>
          </Stack>
        </form>
        <Button variant="subtle" color="gray" onClick={() => onAmend(null)}>
          {texts.reading.cancel}
        </Button>
      </Reasons>
    </Dialog>
  )
}
