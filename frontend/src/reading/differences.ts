import type { Answer, Item, RegionField } from '../api/forms'
import type { Annotation } from '../api/reading'
import { isRegion, itemsOf, pointsOf } from '../kinds/items'
import { itemText } from '../kinds/itemText'
import { answerText, slotsOf } from '../kinds/slots'
import { texts } from '../texts'
import { placeText } from './hands'
import { type OpenCase, sameAnswers } from './open'

export interface Difference {
  label: string
  /** What is marked has a line each. */
  mine: string
  theirs: string
}

const same = (one: Answer | undefined, other: Answer | undefined): boolean =>
  sameAnswers(one ? { one } : {}, other ? { one: other } : {})

/** Only what differs: two long forms that are alike but for one answer are hard to tell apart. */
export function differences(open: OpenCase, theirs: Annotation): Difference[] {
  const { next, answers, side } = open
  const found = slotsOf(next.form).flatMap(({ slot, field, label }): Difference[] => {
    const [mine, other] = [answers[slot], theirs.answers[slot]]
    if (same(mine, other)) return []
    const told = (one: Answer | undefined, against: Answer | undefined): string =>
      isRegion(field) && itemsOf(one).length > 0
        ? marked(open, field, itemsOf(one), itemsOf(against))
        : answerText(field, one)
    return [{ label, mine: told(mine, other), theirs: told(other, mine) }]
  })
  if (side === theirs.side) return found
  const named = (one: string): string => texts.losses.sides[one] ?? texts.office.none
  return [...found, { label: texts.tasks.side, mine: named(side), theirs: named(theirs.side) }]
}

/** The regions that the other text does not have just so: what was said of each, and where it lies. */
function marked(
  open: OpenCase,
  field: RegionField,
  items: readonly Item[],
  others: readonly Item[],
): string {
  const value = (item: Item): Answer => ({ state: 'answered', value: [item] })
  const own = items.filter((item) => !others.some((one) => same(value(item), value(one))))
  const lines = own.map(
    (item) => `${itemText(field, item, placeText(open, item))} · ${spotText(item)}`,
  )
  return lines.join('\n') || texts.losses.nothingElse
}

/** "120, 80 – 310, 400": the corners of what it covers, in pixels; of a mask how many these are. */
function spotText(item: Item): string {
  if ('runs' in item) return `${item.runs.reduce((sum, run, at) => sum + (at % 2 ? run : 0), 0)} px`
  const points = pointsOf(item)
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  const corner = (of: (...values: number[]) => number): string =>
    `${Math.round(of(...xs))}, ${Math.round(of(...ys))}`
  return [...new Set([corner(Math.min), corner(Math.max)])].join(' – ')
}
