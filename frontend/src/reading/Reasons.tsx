import { Button, Stack } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import styles from './Reasons.module.css'

interface ReasonsProps {
  opened: boolean
  reasons: readonly string[]
  onReason: (reason: string) => void
  /** What else there is to do. */
  children: ReactNode
  'data-testid': string
}

const typing = (target: EventTarget | null): boolean => target instanceof HTMLInputElement

/** Reasons of a dialog, each by one key. None has the focus at first: a second Enter must not choose one unseen. */
export function Reasons(props: ReasonsProps): ReactNode {
  const { opened, reasons, onReason, children } = props
  useEffect(() => {
    // Before anything else hears it: the focus may not be in the dialog yet, and once the dialog is gone the next
    // case stands, which the same key would answer.
    const byKey = (event: KeyboardEvent): void => {
      const reason = typing(event.target) ? undefined : reasons[Number(event.key) - 1]
      if (!reason) return
      event.stopImmediatePropagation()
      event.preventDefault()
      onReason(reason)
    }
    if (opened) window.addEventListener('keydown', byKey, true)
    return () => window.removeEventListener('keydown', byKey, true)
  }, [opened, onReason, reasons])
  return (
    <Stack
      gap={8}
      className={styles.reasons}
      data-testid={props['data-testid']}
      tabIndex={-1}
      data-autofocus
    >
      {reasons.map((reason, index) => (
        <Button
          key={reason}
          variant="default"
          justify="flex-start"
          leftSection={<kbd className={styles.key}>{index + 1}</kbd>}
          onClick={() => onReason(reason)}
        >
          {reason}
        </Button>
      ))}
      {children}
    </Stack>
  )
}
