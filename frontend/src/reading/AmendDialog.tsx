import { Button, Stack, TextInput } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import { texts } from '../texts'
import { Dialog } from './Dialog'
import styles from './SkipDialog.module.css'

interface AmendDialogProps {
  opened: boolean
  /** null: the reader thinks better of it. */
  onAmend: (reason: string | null) => void
}

const typing = (target: EventTarget | null): boolean => target instanceof HTMLInputElement

/** An amendment says why: by one key, or in the reader's own words. */
export function AmendDialog({ opened, onAmend }: AmendDialogProps): ReactNode {
  const reasons = texts.losses.amendReasons
  const [own, setOwn] = useState('')
  useEffect(() => {
    const byKey = (event: KeyboardEvent): void => {
      // the Enter that asked for the dialog may still be held down, and its first reason has the focus
      const held = event.repeat && event.key === 'Enter'
      const reason = typing(event.target) ? undefined : reasons[Number(event.key) - 1]
      if (!reason && !held) return
      event.stopImmediatePropagation()
      event.preventDefault()
      if (reason) onAmend(reason)
    }
    if (opened) window.addEventListener('keydown', byKey, true)
    return () => window.removeEventListener('keydown', byKey, true)
  }, [opened, onAmend, reasons])
  return (
    <Dialog opened={opened} onClose={() => onAmend(null)} title={texts.losses.amendTitle}>
      <Stack gap={8} data-testid="amend-dialog">
        {reasons.map((reason, index) => (
          <Button
            key={reason}
            variant="default"
            justify="flex-start"
            data-autofocus={index === 0 || undefined}
            leftSection={<kbd className={styles.key}>{index + 1}</kbd>}
            onClick={() => onAmend(reason)}
          >
            {reason}
          </Button>
        ))}
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (own.trim()) onAmend(own.trim())
          }}
        >
          <Stack gap={8}>
            <TextInput
              label={texts.losses.amendOther}
              maxLength={300}
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
      </Stack>
    </Dialog>
  )
}
