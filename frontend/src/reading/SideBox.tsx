import { Button, Group } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { texts } from '../texts'
import styles from './Box.module.css'
import type { OpenCase } from './open'
import { type Side, sideDoubt, sideObstacle } from './side'
import { isElsewhere } from './useKeys'

const SIDES: Side[] = ['R', 'L']

/** Sources that contradict each other, side by side; the reader settles it with one key. */
export function SideBox(props: { open: OpenCase; onSettle: (side: Side) => void }): ReactNode {
  const { open, onSettle } = props
  const doubt = sideDoubt(open)
  useEffect(() => {
    // Before the other keys hear it: a plain R or L does something else, and is never taken for an answer. Nor is a
    // capital letter of a note.
    const byKey = (event: KeyboardEvent): void => {
      const side = SIDES.find((one) => event.shiftKey && event.code === `Key${one}`)
      if (!side || event.ctrlKey || event.metaKey || event.altKey) return
      if (isElsewhere(event.target)) return
      event.stopImmediatePropagation()
      event.preventDefault()
      onSettle(side)
    }
    if (doubt) window.addEventListener('keydown', byKey, true)
    return () => window.removeEventListener('keydown', byKey, true)
  }, [doubt, onSettle])
  if (!doubt) return null
  return (
    <fieldset
      className={styles.box}
      aria-label={texts.losses.sideTitle}
      data-calm={sideObstacle(open) === null || undefined}
      data-testid="side-box"
    >
      <strong>{texts.losses.sideTitle}</strong>
      <ul className={styles.evidence}>
        {doubt.map((source) => (
          <li key={source}>{source}</li>
        ))}
      </ul>
      <Group gap={8} grow>
        {SIDES.map((side) => (
          <Button
            key={side}
            size="sm"
            px={8}
            variant={open.side === side ? 'filled' : 'default'}
            aria-pressed={open.side === side}
            rightSection={<kbd className={styles.key}>⇧{side}</kbd>}
            onClick={() => onSettle(side)}
          >
            {texts.reading.sides[side]}
          </Button>
        ))}
      </Group>
    </fieldset>
  )
}
