import type { ReactNode } from 'react'
import styles from './KeyBar.module.css'
import { keyGroups } from './keys'

/** The keys that matter, always in sight. Without a proposal nothing here hints at a model. */
export function KeyBar({ digits, model }: { digits: string; model: boolean }): ReactNode {
  const barred = Object.values(keyGroups(digits))
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
