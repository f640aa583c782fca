import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../texts'
import styles from './Box.module.css'
import type { Refusal } from './state'

interface RefusalsProps {
  task: number
  refusals: Refusal[]
  onReturn: (refusal: Refusal) => void
  onDismiss: (refusal: Refusal) => void
}

/** Reads that the server did not take, with its reason and the way back. */
export function Refusals({ task, refusals, onReturn, onDismiss }: RefusalsProps): ReactNode {
  return refusals.map((refusal) => (
    <div key={refusal.annotation} className={styles.box} role="alert" data-testid="refusal">
      <strong>{texts.reading.refused(refusal.name)}</strong>
      <p>{refusal.sentence}</p>
      <Group gap={8}>
        {refusal.open && (
          <Button size="xs" onClick={() => onReturn(refusal)}>
            {texts.reading.returnTo}
          </Button>
        )}
        {refusal.elsewhere && (
          // a load of the page: this tab's cases wait on this machine
          <Button size="xs" component="a" href={`/read/${task}/reads/${refusal.annotation}`}>
            {texts.losses.openToAmend}
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => onDismiss(refusal)}>
          {texts.reading.dismiss}
        </Button>
      </Group>
    </div>
  ))
}
