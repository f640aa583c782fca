import type { ReactNode } from 'react'
import { texts } from '../texts'
import styles from './LookedAt.module.css'
import { lookedAt } from './looked'
import type { OpenCase } from './open'

interface LookedAtProps {
  open: OpenCase
  slot: string
  label: string
  hidden: boolean
  onGo: (image: string, frame: number) => void
}

/** Goes to the slice on which the model looked most for its answer to a question. */
export function LookedAt({ open, slot, label, hidden, onGo }: LookedAtProps): ReactNode {
  const place = lookedAt(open, slot)
  if (!place) return null
  const told = texts.reading.lookedPlace(place.pane, place.number)
  return (
    <button
      type="button"
      className={styles.go}
      data-hidden={hidden || undefined}
      data-testid={`looked-${slot}`}
      aria-label={texts.reading.goLooked(told, label)}
      onClick={() => onGo(place.image, place.frame)}
    >
      {texts.reading.looked(told)}
    </button>
  )
}
