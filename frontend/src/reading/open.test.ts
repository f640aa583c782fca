import { expect, test } from 'vitest'
import type { Answers, Field, Form } from '../api/forms'
import type { NextCase } from '../api/reading'
import { texts } from '../texts'
import { accepted } from './accept'
import { nextOf, three, two } from './fixtures'
import { submitObstacle } from './obstacle'
import { answered, openCase, redone, sameAnswers, settledAs, undone } from './open'
import { keyed } from './stops'

const painted = { ...openCase(nextOf(1)), pixels: 'painted' as const }

test('it never chooses the proposal by itself', () => {
  expect(openCase(nextOf(1)).answers).toEqual({})
})

test('it takes the proposal as the answer when the reader accepts it, and gives it back', () => {
  const open = accepted(painted)
  expect(open.answers).toEqual(two)
  expect(undone(open).answers).toEqual({})
})

test('it accepts nothing where nothing is proposed', () => {
  const unassisted = openCase({ ...nextOf(1), prediction: null })
  expect(accepted(unassisted)).toBe(unassisted)
})

test('it undoes one answer after the other and then says that there is none left', () => {
  const first = answered(painted, 'kl', { state: 'answered', value: 2 })
  const second = answered(first, 'kl', { state: 'not_assessable', value: null })
  expect(undone(second).answers).toEqual(two)
  expect(undone(undone(second)).answers).toEqual({})
  expect(undone(painted).notice).toBe(texts.reading.nothingToUndo)
})

test('it undoes and brings back the side that the reader settled, in its place among the answers', () => {
  const next = nextOf(1)
  const flags = [{ code: 'laterality_conflict', sentence: 'Tag says right, file name says left.' }]
  const doubtful = openCase({ ...next, case: { ...next.case, laterality: '', flags } })
  const graded = answered(doubtful, 'kl', { state: 'answered', value: 2 })
  const left = settledAs(graded, 'L')
  expect(settledAs(left, 'L')).toBe(left)
  const right = settledAs(left, 'R')
  const back = undone(right)
  expect([back.side, back.save, redone(back).side]).toEqual(['L', 'unsaved', 'R'])
  expect([undone(back).side, undone(back).answers]).toEqual(['', two])
})

test('it counts "not assessable" as an answer', () => {
  const open = answered(painted, 'kl', { state: 'not_assessable', value: null })
  expect(submitObstacle(open)).toBeNull()
})

test('it waits for the pixels', () => {
  const open = answered(openCase(nextOf(1)), 'kl', { state: 'answered', value: 1 })
  expect(submitObstacle(open)).toBe(texts.reading.waitForPixels)
})

test('it compares answers by what they say', () => {
  expect(sameAnswers({ kl: { state: 'not_asked' } }, {})).toBe(true)
  expect(
    sameAnswers(
      { kl: { state: 'not_assessable' } },
      { kl: { state: 'not_assessable', value: null } },
    ),
  ).toBe(true)
  expect(sameAnswers(two, three)).toBe(false)
})

const optional: Field = {
  ...{ key: 'part', kind: 'presence', label: 'Part', help: '', required: false, sites: [] },
  values: ['absent', 'present'],
}

test('the keys begin at the first question that waits, and in a complete read at the first required one', () => {
  const next = nextOf(1)
  const form = { ...next.form, fields: [optional, ...next.form.fields] }
  const reopened = openCase(nextOfForm(form, two))
  expect(openCase(nextOfForm(form, {})).activeSlot).toBe('part')
  expect(reopened.activeSlot).toBe('kl')
  expect(keyed(reopened, '1')?.answers.part).toBeUndefined()
  expect(openCase(nextOfForm({ ...form, fields: [optional] }, {})).activeSlot).toBe('part')
})

const nextOfForm = (form: Form, answers: Answers): NextCase => ({ ...nextOf(1, { answers }), form })
