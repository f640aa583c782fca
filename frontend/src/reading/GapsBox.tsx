import { Button } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { texts } from '../texts'
import styles from './Box.module.css'
import { hasUnseenGaps } from './gaps'
import type { OpenCase } from './open'

interface GapsBoxProps {
  open: OpenCase
  onAccept: () => void
}

/** Which images are missing; the reader says with one key that he reads without them. */
export function GapsBox({ open, onAccept }: GapsBoxProps): ReactNode {
  const unseen = hasUnseenGaps(open)
  useEffect(() => {
    const byKey = (event: KeyboardEvent): void => {
      if (!event.shiftKey || event.code !== 'KeyW') return
      if (event.ctrlKey || event.metaKey || event.altKey) return
      event.stopImmediatePropagation()
      event.preventDefault()
      onAccept()
    }
    if (unseen) window.addEventListener('keydown', byKey, true)
    return () => window.removeEventListener('keydown', byKey, true)
  }, [unseen, onAccept])
  const gaps = Object.entries(open.gaps)
  if (gaps.length === 0) return null
  return (
    <div
      className={styles.box}
      role="alert"
      data-calm={unseen ? undefined : true}
      data-testid="gaps"
    >
      <strong>{texts.losses.gaps(gaps.length)}</strong>
      <ul className={styles.list}>
        {gaps.map(([name, sentence]) => (
          <li key={name}>
            {name}: {sentence}
          </li>
        ))}
      </ul>
      {unseen && (
        <Button
          size="xs"
          variant="default"
          rightSection={<kbd className={styles.key}>⇧W</kbd>}
          onClick={onAccept}
        >
          {texts.losses.readWithout}
        </Button>
      )}
    </div>
  )
}
