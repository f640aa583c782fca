import type { Answer, Answers, AnswerValue, Item, Place, RegionField } from '../api/forms'
import { answerOf, attributesOf, isModels, isRegion, itemsOf, joined } from '../kinds/items'
import { isAnswered, isOpen, openSlots, parentsOf, type Slot, slotsOf } from '../kinds/slots'
import { texts } from '../texts'
import { activeAt, EMPTY_HAND, edited, type OpenCase, slotAt } from './open'

const withoutScore = ({ score: _score, ...item }: Item): Item => item as Item

/** What the model marks and the reader has neither taken nor put aside; nothing once he said otherwise. */
export function suggestionsOf(open: OpenCase, at: Slot): Item[] {
  const { form, prediction } = open.next
  const answer = open.answers[at.slot]
  if (!isRegion(at.field) || !prediction) return []
  const own = itemsOf(answer)
  const denied =
    (isAnswered(answer) && own.length === 0) ||
    (!isOpen(form, open.answers, at) &&
      parentsOf(form, at).some(({ slot }) => isAnswered(open.answers[slot])))
  const value = prediction.slots[at.slot]?.value
  if (denied || !Array.isArray(value)) return []
  const gone = new Set([...open.dismissed, ...own.map(({ id }) => id)])
  return (value as Item[]).filter(({ id }) => !gone.has(id))
}

/** The reader's own first, as the list shows them. */
export const shownItems = (open: OpenCase, at: Slot): Item[] => [
  ...itemsOf(open.answers[at.slot]),
  ...suggestionsOf(open, at),
]

export const slotOfItem = (open: OpenCase, id: string): Slot | undefined =>
  slotsOf(open.next.form).find((at) => shownItems(open, at).some((item) => item.id === id))

export const itemAt = (open: OpenCase, id: string | null): Item | undefined => {
  const at = id === null ? undefined : slotOfItem(open, id)
  return at && shownItems(open, at).find((item) => item.id === id)
}

/** Marking a finding says that it is there: the parents of its slot that have no answer yet get it. */
export function withParents(open: OpenCase, answers: Answers, at: Slot): Answers {
  const { form, prediction } = open.next
  const { when } = at.field
  const parent = parentsOf(form, at).find(({ slot }) => !isAnswered(answers[slot]))
  if (!when || !parent || isOpen(form, answers, at)) return answers
  const said = prediction?.slots[parent.slot]?.value
  const value = when.is.find((one) => one === said) ?? when.is[0]
  if (value === undefined) return answers
  const many = parent.field.kind === 'choice' && parent.field.many
  const answer: Answer = { state: 'answered', value: many ? [String(value)] : value }
  return withParents(open, { ...answers, [parent.slot]: answer }, parent)
}

const written = (open: OpenCase, at: Slot, items: Item[]): OpenCase => {
  const answers = { ...withParents(open, open.answers, at), [at.slot]: answerOf(items) }
  const { [at.slot]: _fixed, ...slotErrors } = open.slotErrors
  return { ...edited(open, { answers }), slotErrors }
}

const held = (open: OpenCase, at: Slot, id: string | null): OpenCase => ({
  ...open,
  activeSlot: at.slot,
  item: id,
  attribute: id === null ? null : (attributesOf(at.field)[0]?.key ?? null),
})

function refusal(open: OpenCase, at: Slot & { field: RegionField }, item: Item): string | null {
  const { views = [], maximum = Number.POSITIVE_INFINITY } = at.field
  const image = open.next.case.images.find((one) => one.sop_instance_uid === item.image)
  if (views.length > 0 && image?.view_position && !views.includes(image.view_position))
    return texts.kinds.wrongView(at.label, views)
  const full = maximum > 1 && itemsOf(open.answers[at.slot]).length >= maximum
  return full ? texts.kinds.tooMany(at.label, maximum) : null
}

/** The same segment on the same slice is one item, however many strokes painted it. */
function merged(items: Item[], item: Item): Item[] {
  const same = items.findIndex(
    (one) =>
      'segment' in one &&
      'segment' in item &&
      one.segment === item.segment &&
      one.image === item.image &&
      one.frame === item.frame,
  )
  const before = items[same]
  if (!before || !('runs' in before) || !('runs' in item)) return [...items, item]
  return items.with(same, { ...before, runs: joined(before.runs, item.runs) })
}

/** A new region; where the field takes one only, it replaces the one before. */
export function added(open: OpenCase, slot: string, item: Item): OpenCase {
  const at = slotAt(open, slot)
  if (!at || !isRegion(at.field)) return open
  const { field } = at
  const notice = refusal(open, { ...at, field }, item)
  if (notice) return { ...open, notice }
  const items = field.maximum === 1 ? [item] : merged(itemsOf(open.answers[slot]), item)
  // strokes and points come in rows; after one of the others the mouse is the window's again
  const goesOn = field.kind === 'mask' || field.kind === 'points'
  const armed = goesOn && items.length < (field.maximum ?? Number.POSITIVE_INFINITY)
  const id = items.some((one) => one.id === item.id) ? item.id : (items.at(-1)?.id ?? null)
  return { ...held(written(open, at, items), at, id), armed }
}

/** A region of the reader's changes; one of the model's is taken with the change. */
export function changedItem(
  open: OpenCase,
  slot: string,
  id: string,
  patch: Partial<Item>,
): OpenCase {
  const at = slotAt(open, slot)
  const item = at && shownItems(open, at).find((one) => one.id === id)
  if (!at || !item) return open
  const own = itemsOf(open.answers[slot])
  const next = withoutScore({ ...item, ...patch } as Item)
  const known = own.some((one) => one.id === id)
  const items = known ? own.map((one) => (one.id === id ? next : one)) : [...own, next]
  const attribute = open.item === id ? open.attribute : null
  return { ...written(open, at, items), activeSlot: slot, item: id, attribute }
}

/** What the viewer measured belongs to the drawing that it measured: it is no step of its own to undo. */
export function measured(open: OpenCase, id: string, patch: Partial<Item>): OpenCase {
  const at = slotOfItem(open, id)
  const own = at ? itemsOf(open.answers[at.slot]) : []
  const before = own.find((one) => one.id === id)
  if (!at || !before) return open
  const next = { ...before, ...patch } as Item
  if (JSON.stringify(next) === JSON.stringify(before)) return open
  const items = own.map((one) => (one.id === id ? next : one))
  return { ...open, answers: { ...open.answers, [at.slot]: answerOf(items) }, save: 'unsaved' }
}

/** The model's is put aside, the reader's own is gone; undo brings both back. */
export function removedItem(open: OpenCase, slot: string, id: string): OpenCase {
  const at = slotAt(open, slot)
  if (!at) return open
  const own = itemsOf(open.answers[slot])
  const dismissed = isModels({ id }) ? [...open.dismissed, id] : open.dismissed
  const items = own.filter((one) => one.id !== id)
  const change =
    items.length === own.length
      ? { dismissed }
      : { dismissed, answers: { ...open.answers, [slot]: answerOf(items) } }
  return { ...edited(open, change), ...EMPTY_HAND, activeSlot: slot }
}

export function selectedItem(open: OpenCase, id: string | null): OpenCase {
  if (id === open.item) return open
  if (id === null) return { ...open, item: null, attribute: null }
  const at = slotOfItem(open, id)
  return at ? { ...held(open, at, id), armed: false } : open
}

/** The next (1) or previous (-1) region of the active field; where that has none, of the first that has. */
export function steppedItem(open: OpenCase, by: number): OpenCase {
  const lists = [activeAt(open), ...openSlots(open.next.form, open.answers)]
  const items =
    lists
      .map((at) => (at && isRegion(at.field) ? shownItems(open, at) : []))
      .find((own) => own.length > 0) ?? []
  if (items.length === 0) return open
  const now = items.findIndex(({ id }) => id === open.item)
  const to = now < 0 && by < 0 ? items.length - 1 : (now + by + items.length) % items.length
  return selectedItem(open, items[to]?.id ?? null)
}

/** An answer to a question about a region; null leaves it open again. */
export function attributed(
  open: OpenCase,
  id: string,
  key: string,
  value: AnswerValue | null,
): OpenCase {
  const at = slotOfItem(open, id)
  const item = itemAt(open, id)
  if (!at || !item) return open
  const { [key]: _before, ...others } = item.attributes ?? {}
  const attributes = value === null ? others : { ...others, [key]: value }
  return { ...changedItem(open, at.slot, id, { attributes }), attribute: key }
}

/** The slice at hand as the first or the last that a box reaches to: always over its own, whichever was told first. */
export function extended(
  open: OpenCase,
  id: string,
  end: 'first' | 'last',
  place: Place,
): OpenCase {
  const at = slotOfItem(open, id)
  const item = itemAt(open, id)
  if (!at || !item || !('box' in item)) return open
  const own: Place = { image: item.image, frame: item.frame }
  const extent = { first: own, last: own, ...item.extent, [end]: place }
  const order = ({ image, frame }: Place): number =>
    open.next.case.images.findIndex((one) => one.sop_instance_uid === image) * 1e6 + frame
  const [first, , last] = [extent.first, own, extent.last].sort((a, b) => order(a) - order(b))
  return changedItem(open, at.slot, id, { extent: { first, last } } as Partial<Item>)
}
