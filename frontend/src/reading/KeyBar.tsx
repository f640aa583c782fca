import type { ReactNode } from 'react'
import styles from './KeyBar.module.css'
import { keyGroups, type OwnKeys } from './keys'

interface KeyBarProps {
  digits: string
  own: OwnKeys
  model: boolean
}

/** The keys that matter, always in sight. Without a proposal nothing here hints at a model. */
export function KeyBar({ digits, own, model }: KeyBarProps): ReactNode {
  const barred = Object.values(keyGroups(digits, own))
    .flatMap((group) => group.lines)
    .filter((line) => line.bar)
  const lines = barred.filter((line) => !line.model)
  const ofModel = model ? barred.filter((line) => line.model) : []
  return (
    <footer className={styles.bar} data-testid="key-bar">
      {[...lines, ...ofModel].map((line) => (
        <span key={line.does} className={line.model ? styles.ofModel : undefined}>
          <kbd>{line.keys.join(' ')}</kbd> {line.does}
        </span>
      ))}
    </footer>
  )
}
