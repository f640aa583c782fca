import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../texts'
import styles from './Box.module.css'
import type { Refusal } from './state'

interface RefusalsProps {
  refusals: Refusal[]
  onReturn: (refusal: Refusal) => void
  onDismiss: (refusal: Refusal) => void
}

/** Reads that the server did not take, with its reason and the way back. */
export function Refusals({ refusals, onReturn, onDismiss }: RefusalsProps): ReactNode {
  return refusals.map((refusal) => (
    <div key={refusal.name} className={styles.box} role="alert" data-testid="refusal">
      <strong>{texts.reading.refused(refusal.name)}</strong>
      <p>{refusal.sentence}</p>
      <Group gap={8}>
        {refusal.open && (
          <Button size="xs" onClick={() => onReturn(refusal)}>
            {texts.reading.returnTo}
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => onDismiss(refusal)}>
          {texts.reading.dismiss}
        </Button>
      </Group>
    </div>
  ))
}
