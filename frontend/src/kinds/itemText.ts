import type { Item, MeasureItem, RegionField } from '../api/forms'
import { texts } from '../texts'
import { attributesOf, shapeOfItem } from './items'
import { scalarOf } from './scalars'
import { labelOf } from './words'

/** "12.3 mm (detector)", "86 px", "12.4°"; until it was measured only its name. */
export function measureText(item: MeasureItem): string {
  if (item.value === null) return texts.kinds.measures[item.type]
  if (item.unit === 'deg') return `${item.value.toFixed(1)}°`
  if (item.unit === 'px') return `${item.value.toFixed(0)} px`
  const where = item.spacing === 'detector' ? ` (${texts.kinds.detector})` : ''
  return `${item.value.toFixed(1)} mm${where}`
}

/** What tells one item from the others: where it is, what was measured, what was said of it. */
export function itemText(field: RegionField, item: Item, place: string): string {
  const said = attributesOf(field).flatMap((attribute) => {
    const value = item.attributes?.[attribute.key]
    if (value === undefined) return []
    const text = scalarOf(attribute).valueText(attribute, value)
    return attribute.kind === 'presence' ? `${labelOf(attribute)}: ${text}` : text
  })
  const segment =
    'segment' in item && field.kind === 'mask'
      ? field.segments.find(({ value }) => value === item.segment)
      : undefined
  const measured = 'type' in item ? measureText(item) : null
  const text = [measured, segment && labelOf(segment), place, ...said].filter(Boolean).join(' · ')
  return text || texts.kinds.shapes[shapeOfItem(item)]
}
