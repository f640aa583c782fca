import type { ReactNode } from 'react'
import { texts } from '../texts'
import styles from './HeatLegend.module.css'

/** What the colour over the image is, and what it is not. */
export function HeatLegend({ label, model }: { label: string; model: number }): ReactNode {
  return (
    <div className={styles.legend} data-testid="heat-legend" role="status">
      <span>{texts.reading.heat(model, label)}</span>
      <span className={styles.scale}>
        {texts.reading.heatLow}
        <span className={styles.bar} aria-hidden />
        {texts.reading.heatHigh}
      </span>
      <span className={styles.note}>{texts.reading.heatNote}</span>
    </div>
  )
}
