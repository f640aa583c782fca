import type { AnswerValue, ScalarField } from '../api/forms'
import { answerWith } from '../kinds/answer'
import { attributesOf, isRegion, shapesOf } from '../kinds/items'
import { openSlots, type Slot } from '../kinds/slots'
import { kindOf } from '../kinds/table'
import type { RegionShape } from '../viewer'
import { attributed, itemAt, selectedItem, shownItems } from './items'
import { activeAt, answered, EMPTY_HAND, type OpenCase, toolOf } from './open'

/** Where J and K stop: every open question, and after a list those about its selected region. */
function stopsOf(open: OpenCase): { slot: string; attribute: string | null }[] {
  return openSlots(open.next.form, open.answers).flatMap((at) => {
    const stop = { slot: at.slot, attribute: null }
    if (at.slot !== open.activeSlot || !itemAt(open, open.item)) return [stop]
    const inside = attributesOf(at.field).map(({ key }) => ({ slot: at.slot, attribute: key }))
    return [stop, ...inside]
  })
}

export function movedBy(open: OpenCase, by: number): OpenCase {
  const stops = stopsOf(open)
  const now = stops.findIndex(
    (stop) => stop.slot === open.activeSlot && stop.attribute === open.attribute,
  )
  const to = stops[Math.max(0, Math.min(stops.length - 1, now + by))]
  if (!to) return open
  if (to.slot === open.activeSlot) return { ...open, attribute: to.attribute }
  return { ...open, ...EMPTY_HAND, activeSlot: to.slot }
}

export function focused(open: OpenCase, slot: string): OpenCase {
  return slot === open.activeSlot ? open : { ...open, ...EMPTY_HAND, activeSlot: slot }
}

/** The brush for a segment in the hand; it goes on with the selected area only where that is of the same segment. */
export function painting(open: OpenCase, slot: string, segment: string): OpenCase {
  const item = itemAt(open, open.item)
  const goesOn = item !== undefined && 'segment' in item && item.segment === segment
  const at = focused(open, slot)
  return { ...at, item: goesOn ? at.item : null, segment, armed: true }
}

/** The question about the selected region that has the keys. */
export function attributeAt(open: OpenCase, at: Slot): ScalarField | undefined {
  if (!itemAt(open, open.item)) return undefined
  return attributesOf(at.field).find(({ key }) => key === open.attribute)
}

/** The keys that answer now: "0-4". */
export function keysNow(open: OpenCase | null): string {
  const at = open ? activeAt(open) : undefined
  if (!open || !at) return '0-9'
  const field = attributeAt(open, at) ?? at.field
  return kindOf(field).keys(field)
}

function attributeKeyed(open: OpenCase, attribute: ScalarField, key: string): OpenCase | null {
  const item = itemAt(open, open.item)
  if (!item) return null
  const held = item.attributes?.[attribute.key] ?? null
  const kind = kindOf(attribute)
  const value = kind.valueForKey(attribute, key, held)
  if (value === null) return null
  const { state } = answerWith(attribute, value)
  const next = attributed(open, item.id, attribute.key, state === 'answered' ? value : null)
  return kind.final(attribute) ? movedBy(next, 1) : next
}

function listKeyed(open: OpenCase, at: Slot, key: string): OpenCase | null {
  if (!/^[1-9]$/.test(key)) return null
  if (at.field.kind === 'mask') {
    const segment = at.field.segments[Number(key) - 1]?.value
    return segment === undefined ? null : painting(open, at.slot, segment)
  }
  const item = shownItems(open, at)[Number(key) - 1]
  return item ? selectedItem(open, item.id) : null
}

/** What a digit does to the question that has the keys; null where it means nothing. */
export function keyed(open: OpenCase, key: string): OpenCase | null {
  const at = activeAt(open)
  if (!at) return null
  const attribute = attributeAt(open, at)
  if (attribute) return attributeKeyed(open, attribute, key)
  const chosen = isRegion(at.field) ? listKeyed(open, at, key) : null
  if (chosen) return chosen
  const answer = open.answers[at.slot]
  const held: AnswerValue | null = answer?.state === 'answered' ? (answer.value ?? null) : null
  const value = kindOf(at.field).valueForKey(at.field, key, held)
  return value === null ? null : answered(open, at.slot, answerWith(at.field, value))
}

/** "Not assessable"; a question about a region is left open instead. */
export function unassessable(open: OpenCase): OpenCase {
  const at = activeAt(open)
  if (!at) return open
  const attribute = attributeAt(open, at)
  if (attribute && open.item) return movedBy(attributed(open, open.item, attribute.key, null), 1)
  return answered(open, at.slot, { state: 'not_assessable', value: null })
}

/**
 * The drawing tool of a list in the hand: of the named one, the active one or the first. Asked again, the next of its
 * tools, and after the last the mouse is the window's.
 */
export function armedWith(open: OpenCase, slot?: string, shape?: RegionShape): OpenCase {
  const lists = openSlots(open.next.form, open.answers).filter(({ field }) => isRegion(field))
  const at =
    lists.find((one) => one.slot === slot) ??
    lists.find((one) => one.slot === open.activeSlot) ??
    lists[0]
  if (!at || !isRegion(at.field)) return open
  const shapes = shapesOf(at.field)
  const inHand = toolOf(open)
  const now = inHand?.slot === at.slot ? shapes.indexOf(inHand.shape) : -1
  const next = shape ? (shapes[now] === shape ? undefined : shape) : shapes[now + 1]
  return { ...focused(open, at.slot), armed: next !== undefined, shape: next ?? null }
}
