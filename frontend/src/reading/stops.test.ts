import { expect, test } from 'vitest'
import type { Field, Item } from '../api/forms'
import { itemsOf } from '../kinds/items'
import { base, box, fracture } from './fracture'
import { added } from './items'
import { answered, type OpenCase, toolOf, undone } from './open'
import { armedWith, keyed, keysNow, movedBy, painting, unassessable } from './stops'

const press = (open: OpenCase, keys: string): OpenCase =>
  Array.from(keys).reduce((now, key) => keyed(now, key) ?? now, open)

const drawn = (): OpenCase => added(press(fracture(), '1'), 'boxes', box('r1'))

test('digits answer the attributes of a drawn box one after the other', () => {
  const open = press(drawn(), '21')
  expect(itemsOf(open.answers.boxes)).toMatchObject([
    { attributes: { bone: 'ulna', displaced: 'present' } },
  ])
  expect(open.activeSlot).toBe('signs')
})

test('digits put several options in and out, in the order of the form, and the question keeps the keys', () => {
  const signs = movedBy(press(drawn(), '21'), 0)
  const open = press(signs, '31')
  expect(open.answers.signs?.value).toEqual(['cast', 'callus'])
  expect(open.activeSlot).toBe('signs')
  expect(press(open, '31').answers.signs?.state).toBe('not_asked')
})

test('in a list a digit chooses the region of that number, and 0 says "none" where there is none', () => {
  const two = added(drawn(), 'boxes', box('r2'))
  const list = movedBy({ ...two, attribute: 'bone' }, -1)
  expect(list.attribute).toBeNull()
  expect(press(list, '1').item).toBe('r1')
  expect(keyed(list, '0')).toBeNull()
  expect(press(press(fracture(), '1'), '0').answers.boxes).toEqual({ state: 'answered', value: [] })
})

test('the keys move through the questions that are open, and through the attributes of the chosen region', () => {
  const open = drawn()
  const stops = [-1, 1, 2, 3, 4].map((by) => {
    const { activeSlot, attribute } = movedBy(open, by)
    return attribute ? `${activeSlot}.${attribute}` : activeSlot
  })
  expect(stops).toEqual(['boxes', 'boxes.displaced', 'signs', 'gap', 'gap'])
  expect(movedBy(fracture(), 1).activeSlot).toBe('fracture')
})

test('"not assessable" leaves an attribute open and goes on', () => {
  const open = unassessable(press(drawn(), '2k'))
  expect(itemsOf(open.answers.boxes)).toMatchObject([{ attributes: { bone: 'ulna' } }])
  expect(unassessable(fracture()).answers.fracture?.state).toBe('not_assessable')
})

test('it tells which keys answer now', () => {
  expect(keysNow(fracture())).toBe('0-2')
  expect(keysNow(drawn())).toBe('1-2')
})

test('the digits of one number are one change', () => {
  const one = answered(drawn(), 'gap', { state: 'answered', value: 1 })
  const twelve = answered(one, 'gap', { state: 'answered', value: 12 })
  expect(undone(twelve).answers.gap).toBeUndefined()
})

test('one key takes each tool of a list in turn, and puts the last away', () => {
  const open = drawn()
  const boxes = armedWith(open)
  expect([toolOf(boxes)?.shape, toolOf(armedWith(boxes))]).toEqual(['box', null])
  const lengths = { ...base, key: 'm', kind: 'measure', label: 'Size' } as Field
  const next = { ...open.next, form: { ...open.next.form, fields: [lengths] } }
  const first = armedWith({ ...open, next, item: null })
  const second = armedWith(first)
  expect([first, second, armedWith(second)].map((one) => toolOf(one)?.shape)).toEqual([
    'length',
    'angle',
    undefined,
  ])
})

test('the brush paints a new area once it takes another segment, and goes on with the chosen one in its own', () => {
  const lesions = {
    ...base,
    key: 'lesion',
    kind: 'mask',
    label: 'Lesion',
    segments: ['core', 'rim'].map((value) => ({ value, label: value })),
  } as Field
  const { next, ...rest } = fracture()
  const open = { ...rest, next: { ...next, form: { ...next.form, fields: [lesions] } } }
  const core = {
    id: 'r1',
    image: 'pa',
    frame: 1,
    segment: 'core',
    rows: 4,
    columns: 4,
    runs: [0, 2],
  }
  const painted = added(painting(open, 'lesion', 'core'), 'lesion', core as Item)
  expect(painted.item).toBe('r1')
  expect(painting(painted, 'lesion', 'core').item).toBe('r1')
  expect(painting(painted, 'lesion', 'rim')).toMatchObject({
    item: null,
    segment: 'rim',
    armed: true,
  })
  expect(keyed({ ...painted, attribute: null }, '2')?.item).toBeNull()
})
