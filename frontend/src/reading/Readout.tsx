import type { ReactNode } from 'react'
import { spacingText } from '../geometry/spacing'
import { percent } from '../geometry/zoom'
import { texts } from '../texts'
import type { View } from '../viewer'
import styles from './ImageArea.module.css'

/** How the image of the active pane is shown: nothing about it is left to memory. */
export function Readout({ view }: { view: View }): ReactNode {
  const spacing = spacingText(view.spacing, texts.kinds.detector)
  const parts = [
    `W ${Math.round(view.windowWidth)} L ${Math.round(view.windowLevel)}`,
    ...(view.windowName ? [view.windowName] : []),
    percent(view.magnification),
    ...(spacing ? [spacing] : []),
    ...(view.inverted ? [texts.reading.inverted] : []),
    // each of several panes says itself which slice it shows
    ...(view.images > 1 && view.panes === 1
      ? [texts.reading.imageOf(view.image, view.images)]
      : []),
  ]
  return (
    <div className={styles.readout} data-testid="readout">
      {parts.join(' · ')}
    </div>
  )
}
