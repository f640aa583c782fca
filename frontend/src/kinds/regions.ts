import type { AnswerValue, Item, MeasureItem, RegionField } from '../api/forms'
import { texts } from '../texts'
import { measureText } from './itemText'
import { Regions } from './Regions'
import type { Kind } from './types'

const isMeasure = (item: Item): item is MeasureItem => 'type' in item

function valueText(field: RegionField, value: AnswerValue): string {
  const items = Array.isArray(value) ? (value as Item[]) : []
  if (items.length === 0) return texts.kinds.noneFound
  const measures = items.filter(isMeasure)
  if (measures.length > 0) return measures.map(measureText).join(', ')
  return texts.kinds.count(field.kind, items.length)
}

/** What all lists of regions have in common; they differ by what is drawn. */
export const regions = <F extends RegionField>(): Kind<F> => ({
  Input: Regions as Kind<F>['Input'],
  // never a way to lose what was drawn: only where there is nothing, 0 says that there is nothing
  valueForKey: (field, key, held) => {
    const empty = !Array.isArray(held) || held.length === 0
    return key === '0' && empty && !field.minimum ? [] : null
  },
  valueText,
  probability: () => null,
  keys: () => '0-9',
  final: () => false,
})
