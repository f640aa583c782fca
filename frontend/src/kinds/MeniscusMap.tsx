import type { KeyboardEvent, ReactNode } from 'react'
import { texts } from '../texts'
import styles from './MeniscusMap.module.css'
import type { MapProps } from './maps'
import { isMirrored, RINGS, zoneMiddle, zonePath } from './meniscus'
import { labelOf } from './words'

/** The zones of one meniscus from above, to be clicked; each has the key and the name of its option. */
export function MeniscusMap(props: MapProps): ReactNode {
  const { field, slot, label, laterality, chosen, proposed, keyOf, onChoose } = props
  const meniscus = /lateral/.test(slot) ? 'lateral' : 'medial'
  const ring = RINGS[meniscus]
  const mirrored = isMirrored(meniscus, laterality)
  const zones = field.options.filter(({ value }) => value in ring.zones)
  const bySpace = (event: KeyboardEvent, value: string): void => {
    if (event.key !== ' ') return
    event.preventDefault()
    onChoose(value)
  }
  const words = texts.kinds.map
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand inside a drawing
    <svg
      className={styles.map}
      viewBox="-62 -76 124 152"
      role="group"
      aria-label={words.of(label)}
      data-testid={`map-${slot}`}
    >
      {zones.map((option) => {
        const [x, y] = zoneMiddle(ring, option.value, mirrored)
        const is = chosen.includes(option.value)
        return (
          // biome-ignore lint/a11y/useSemanticElements: an input cannot stand inside a drawing
          <g
            key={option.value}
            role="checkbox"
            aria-checked={is}
            aria-label={labelOf(option)}
            tabIndex={0}
            data-answer
            data-chosen={is || undefined}
            data-proposed={proposed.includes(option.value) || undefined}
            data-testid={`zone-${slot}-${option.value}`}
            className={styles.zone}
            onClick={() => onChoose(option.value)}
            onKeyDown={(event) => bySpace(event, option.value)}
          >
            <title>{labelOf(option)}</title>
            <path d={zonePath(ring, option.value, mirrored)} />
            <text x={x} y={y}>
              {keyOf(option.value)}
            </text>
          </g>
        )
      })}
      <g className={styles.words} aria-hidden>
        <text y={-65}>{words.anterior}</text>
        <text y={72}>{words.posterior}</text>
        <text y={3}>{texts.kinds.sites[meniscus]}</text>
      </g>
    </svg>
  )
}
