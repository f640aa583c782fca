import type { ReactNode } from 'react'
import { texts } from '../texts'
import styles from './HeatLegend.module.css'

interface HeatLegendProps {
  label: string
  model: number
  /** The map is on its way: where it takes a while, that is said in the legend's place. */
  coming: boolean
}

/** What the colour over the image is, and what it is not. */
export function HeatLegend({ label, model, coming }: HeatLegendProps): ReactNode {
  if (coming)
    return (
      <div className={`${styles.legend} ${styles.coming}`} data-testid="heat-coming" role="status">
        {texts.reading.heatComing}
      </div>
    )
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
