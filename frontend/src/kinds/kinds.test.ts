import { expect, test } from 'vitest'
import type { Field, Form, GradeField, PresenceField } from '../api/forms'
import { answersText, asSubmitted, missingSlot, openSlots, slotsOf } from './slots'
import { kindOf } from './table'

const base = { help: '', required: true, sites: [] }
const grade: GradeField = {
  ...base,
  key: 'kl',
  kind: 'grade',
  label: 'KL grade',
  scale: { name: '', version: '', code: null },
  grades: [1, 2, 4].map((value) => ({ value, label: `g${value}`, definition: '', code: null })),
}
const presence: PresenceField = {
  ...base,
  key: 'osteophyte',
  kind: 'presence',
  label: 'Osteophyte',
  sites: ['medial', 'lateral'],
  values: ['absent', 'present'],
}
const form = (...fields: Field[]): Form => ({ version: 1, slug: '', name: '', fields, hanging: {} })

test('it asks a field once, or once a site', () => {
  expect(slotsOf(form(grade, presence)).map(({ slot }) => slot)).toEqual([
    'kl',
    'osteophyte@medial',
    'osteophyte@lateral',
  ])
})

test('it reads one side to its end before the other', () => {
  const meniscus: Field = { ...presence, key: 'meniscus' }
  const when = { field: 'meniscus', is: ['present'] }
  const zones: Field = { ...presence, key: 'zones', when }
  const whole: Field = { ...grade, key: 'whole' }
  const wanted = ['meniscus@medial', 'zones@medial', 'meniscus@lateral', 'zones@lateral', 'whole']
  expect(slotsOf(form(meniscus, zones, whole)).map(({ slot }) => slot)).toEqual(wanted)
})

test('it opens a detail on the side alone on which it is wanted, and nothing below what is closed', () => {
  const when = { field: 'osteophyte', is: ['present'] }
  const size: Field = { ...presence, key: 'size', when }
  const deeper: Field = { ...presence, key: 'deeper', when: { field: 'size', is: ['present'] } }
  const asked = form(presence, size, deeper)
  const answers = {
    'osteophyte@lateral': { state: 'answered' as const, value: 'present' },
    'size@medial': { state: 'answered' as const, value: 'present' },
  }
  expect(openSlots(asked, answers).map(({ slot }) => slot)).toEqual([
    'osteophyte@medial',
    'osteophyte@lateral',
    'size@lateral',
  ])
  expect(asSubmitted(asked, answers)['size@medial']).toEqual({ state: 'not_asked' })
  expect(missingSlot(asked, answers)?.slot).toBe('osteophyte@medial')
})

test('it names the first required answer that is missing', () => {
  const answers = {
    kl: { state: 'answered' as const, value: 2 },
    'osteophyte@medial': { state: 'not_asked' as const },
  }
  expect(missingSlot(form(grade, presence), answers)?.label).toBe('Osteophyte, medial')
})

test('it does not ask for what is optional', () => {
  expect(missingSlot(form({ ...grade, required: false }), {})).toBeUndefined()
})

test('it keys a grade by its own number and a presence by its place', () => {
  expect(['0', '2', '4'].map((key) => kindOf(grade).valueForKey(grade, key, null))).toEqual([
    null,
    2,
    4,
  ])
  expect(['0', '1', '2'].map((key) => kindOf(presence).valueForKey(presence, key, null))).toEqual([
    'absent',
    'present',
    null,
  ])
})

test("it finds the model's probability by the value, not by its place on the scale", () => {
  const said = { kind: 'grade', value: 4, probabilities: [0.2, 0.3, 0.5] }
  expect(kindOf(grade).probability(grade, said, 4)).toBe(0.5)
  expect(kindOf(grade).probability(grade, said, 1)).toBe(0.2)
  expect(kindOf(grade).probability(grade, said, 3)).toBeNull()
})

test('it spells answers out', () => {
  expect(answersText(form(grade), { kl: { state: 'answered', value: 2 } })).toBe('2 g2')
  expect(answersText(form(grade), { kl: { state: 'not_assessable' } })).toBe('not assessable')
})
