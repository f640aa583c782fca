import { expect, test } from 'vitest'
import type { Answers, Field, Item } from '../api/forms'
import { itemsOf } from '../kinds/items'
import { asSubmitted } from '../kinds/slots'
import { texts } from '../texts'
import { accepted, acceptedAll, acceptedItem, contradiction } from './accept'
import { box, FRACTURE, fracture } from './fracture'
import {
  added,
  attributed,
  changedItem,
  extended,
  itemAt,
  measured,
  removedItem,
  selectedItem,
  steppedItem,
  suggestionsOf,
} from './items'
import { stopped, submitObstacle } from './obstacle'
import { answered, type OpenCase, redone, slotAt, toolOf, undone } from './open'
import { keyed } from './stops'
import { regionsOf } from './useRegions'

const present = (open: OpenCase): OpenCase =>
  answered(open, 'fracture', { state: 'answered', value: 'present' })
const ids = (open: OpenCase): string[] => itemsOf(open.answers.boxes).map(({ id }) => id)
const suggested = (open: OpenCase): string[] => {
  const at = slotAt(open, 'boxes')
  return at ? suggestionsOf(open, at).map(({ id }) => id) : []
}

test('"present" opens the boxes with the tool in the hand', () => {
  const open = present(fracture())
  expect([open.activeSlot, toolOf(open)]).toEqual(['boxes', { shape: 'box', slot: 'boxes' }])
  expect(
    toolOf(answered(fracture(), 'fracture', { state: 'answered', value: 'absent' })),
  ).toBeNull()
})

test('Enter without the box asks for it, and the tool stays in the hand', () => {
  const fields = FRACTURE.fields.map((field) => ({ ...field, required: true }))
  const { next, ...hand } = present(fracture())
  const open = stopped({ ...hand, next: { ...next, form: { ...FRACTURE, fields } } })
  expect(open?.notice).toBe(texts.reading.answerFirst('Where'))
  expect(open && toolOf(open)).toEqual({ shape: 'box', slot: 'boxes' })
})

test('a drawn box is an answer, and its first attribute has the keys', () => {
  const open = added(present(fracture()), 'boxes', box('r1'))
  expect(ids(open)).toEqual(['r1'])
  expect([open.item, open.attribute, open.armed]).toEqual(['r1', 'bone', false])
  expect(submitObstacle(open)).toBeNull()
})

test('undo and redo go through boxes and their attributes as through answers', () => {
  const open = attributed(added(present(fracture()), 'boxes', box('r1')), 'r1', 'bone', 'ulna')
  const moved = changedItem(open, 'boxes', 'r1', { box: [0, 0, 5, 5] } as never)
  const before = undone(moved)
  expect(itemAt(before, 'r1')).toEqual(box('r1', { attributes: { bone: 'ulna' } }))
  expect(ids(undone(undone(before)))).toEqual([])
  expect(redone(redone(redone(undone(undone(before))))).answers).toEqual(moved.answers)
  expect(redone(moved).notice).toBe(texts.reading.nothingToRedo)
})

test('a new answer ends what could be brought back', () => {
  const open = present(undone(present(fracture())))
  expect(open.future).toEqual([])
})

test('it marks nothing on a view that the field does not take, and says so', () => {
  const open = added(present(fracture()), 'boxes', box('r1', { image: 'oblique' }))
  expect(ids(open)).toEqual([])
  expect(open.notice).toBe(texts.kinds.wrongView('Where', ['PA', 'LATERAL']))
})

test('what the model marks is drawn as its own and is no answer', () => {
  const open = fracture(true)
  expect(open.answers).toEqual({})
  expect(regionsOf(open, null)).toMatchObject([
    { id: 'm1', by: 'model', label: '1 · 90 %', selected: false },
  ])
})

test('regions of several questions are told apart by the question and its site', () => {
  const open = fracture(true)
  const boxes = slotAt(open, 'boxes')?.field as Field
  const points: Field = {
    ...{ key: 'at', kind: 'points', label: 'Point on the fracture line', help: '' },
    ...{ required: false, sites: ['medial'] },
  }
  const form = { ...open.next.form, fields: [...FRACTURE.fields, points] }
  const point = { id: 'r9', image: 'pa', frame: 1, at: [5, 5], attributes: {} } as Item
  const answers = { 'at@medial': { state: 'answered', value: [point] } } as Answers
  const labels = (held: OpenCase): string[] => regionsOf(held, null).map(({ label }) => label)
  const marked = { ...open, answers, next: { ...open.next, form } }
  expect(labels(marked)).toEqual(['1 · Where · 90 %', '1 · Point on the fractu…, medial'])
  const alone = { ...form, fields: form.fields.filter((one) => one !== boxes) }
  expect(labels({ ...marked, next: { ...open.next, form: alone } })).toEqual(['1'])
})

test('one of its regions is taken with the finding that it stands for, without its score', () => {
  const open = acceptedItem(fracture(true), 'm1')
  expect(open.answers.fracture).toEqual({ state: 'answered', value: 'present' })
  expect(itemsOf(open.answers.boxes)).toEqual([box('m1', { attributes: { bone: 'radius' } })])
  expect(regionsOf(open, null)).toMatchObject([{ id: 'm1', by: 'reader', selected: true }])
  expect(undone(open).answers).toEqual({})
})

test('accepting all is one change, and complete', () => {
  const open = acceptedAll(fracture(true))
  expect(ids(open)).toEqual(['m1'])
  expect(submitObstacle(open)).toBeNull()
  expect(undone(open).answers).toEqual({})
})

test('accepting all leaves the own boxes and brings back none that was put aside', () => {
  const own = added(present(fracture(true)), 'boxes', box('r1'))
  expect(ids(acceptedAll(own))).toEqual(['r1', 'm1'])
  expect(ids(acceptedAll(removedItem(own, 'boxes', 'm1')))).toEqual(['r1'])
})

test('accepting all never goes past an answer that says otherwise', () => {
  const absent = answered(fracture(true), 'fracture', { state: 'answered', value: 'absent' })
  const open = acceptedAll(absent)
  expect(contradiction(absent)?.slot).toBe('fracture')
  expect([open.answers, open.activeSlot]).toEqual([absent.answers, 'fracture'])
  expect(open.notice).toBe(texts.reading.otherwise('Fracture'))
  expect(accepted(open).answers.fracture?.value).toBe('present')
})

test('it says no more of a finding that the reader denied', () => {
  const absent = answered(fracture(true), 'fracture', { state: 'answered', value: 'absent' })
  expect(suggested(absent)).toEqual([])
  const none = answered(present(fracture(true)), 'boxes', { state: 'answered', value: [] })
  expect(suggested(none)).toEqual([])
})

test('a change of its region takes it, with the change', () => {
  const open = changedItem(fracture(true), 'boxes', 'm1', { box: [1, 2, 3, 4] } as never)
  expect(itemsOf(open.answers.boxes)).toMatchObject([{ id: 'm1', box: [1, 2, 3, 4] }])
  expect(suggested(open)).toEqual([])
})

test('a region that was put aside comes back by undo', () => {
  const open = removedItem(fracture(true), 'boxes', 'm1')
  expect([suggested(open), suggested(undone(open))]).toEqual([[], ['m1']])
})

test('without its last box the question is open again, which "none" is not', () => {
  const open = removedItem(added(present(fracture()), 'boxes', box('r1')), 'boxes', 'r1')
  expect(open.answers.boxes?.state).toBe('not_asked')
})

test('boxes of a finding that was called absent after all are kept in the draft, not shown, not sent', () => {
  const drawn = added(present(fracture()), 'boxes', box('r1'))
  const open = answered(drawn, 'fracture', { state: 'answered', value: 'absent' })
  expect(ids(open)).toEqual(['r1'])
  expect(regionsOf(open, null)).toEqual([])
  expect(asSubmitted(FRACTURE, open.answers).boxes).toEqual({ state: 'not_asked' })
  expect(ids(present(open))).toEqual(['r1'])
})

test('pointing at one in the list shows that one on the image', () => {
  const two = added(added(present(fracture()), 'boxes', box('r1')), 'boxes', box('r2'))
  const shown = (hovered: string | null) =>
    regionsOf(two, hovered).flatMap(({ id, selected }) => (selected ? [id] : []))
  expect([shown(null), shown('r1')]).toEqual([['r2'], ['r1']])
})

test('pointing at a question shows the regions that say more of it, and no others', () => {
  const open = added(present(fracture()), 'boxes', box('r1'))
  const [, boxes] = open.next.form.fields
  const linked = { ...open, item: null, next: { ...open.next, form: { ...open.next.form } } }
  linked.next.form.fields = open.next.form.fields.map((field) =>
    field === boxes ? ({ ...field, link: { field: 'fracture' } } as Field) : field,
  )
  const shown = (hovered: string) => regionsOf(linked, hovered).map(({ selected }) => selected)
  expect([shown('fracture'), shown('signs')]).toEqual([[true], [false]])
})

test('it steps through the regions, round and round', () => {
  const two = added(added(present(fracture()), 'boxes', box('r1')), 'boxes', box('r2'))
  const first = steppedItem(selectedItem(two, null), 1)
  const second = steppedItem(first, 1)
  const third = steppedItem(second, 1)
  expect([first, second, third].map(({ item }) => item)).toEqual(['r1', 'r2', 'r1'])
  expect(steppedItem(first, -1).item).toBe('r2')
  const signs = keyed({ ...two, item: null, attribute: null, activeSlot: 'signs' }, '1')
  expect(signs && steppedItem(signs, 1).item).toBe('r1') // several options are no regions
})

test('what was measured is no step of its own to undo', () => {
  const length = { id: 'r1', image: 'pa', frame: 1, type: 'length', value: null } as never
  const open = measured(added(present(fracture()), 'boxes', length), 'r1', { value: 12.5 } as never)
  expect(itemAt(open, 'r1')).toMatchObject({ value: 12.5 })
  expect(ids(undone(open))).toEqual([])
})

test('a box reaches from slice to slice, in their order whichever was told first', () => {
  const open = added(present(fracture()), 'boxes', box('r1', { image: 'lateral' }))
  const last = extended(open, 'r1', 'first', { image: 'pa', frame: 1 })
  const turned = extended(last, 'r1', 'last', { image: 'pa', frame: 1 })
  expect(itemAt(last, 'r1')).toMatchObject({
    extent: { first: { image: 'pa' }, last: { image: 'lateral' } },
  })
  // it never leaves out the slice on which the box is drawn
  expect(itemAt(turned, 'r1')).toEqual(itemAt(last, 'r1'))
})

test('"none", as the model has it, never takes the place of the reader\'s "not assessable"', () => {
  const { next, ...rest } = fracture(true)
  const none = { kind: 'boxes', value: [], probabilities: [] }
  const slots = { ...next.prediction?.slots, boxes: none }
  const prediction = next.prediction && { ...next.prediction, slots }
  const open = present({ ...rest, next: { ...next, prediction } as OpenCase['next'] })
  const unclear = answered(open, 'boxes', { state: 'not_assessable', value: null })
  expect(acceptedAll(unclear).answers.boxes?.state).toBe('not_assessable')
  expect(acceptedAll(open).answers.boxes).toEqual({ state: 'answered', value: [] })
})
