import { expect, test } from 'vitest'
import type { Answers, Field } from '../api/forms'
import type { NextCase } from '../api/reading'
import { texts } from '../texts'
import { nextOf } from './fixtures'
import { settledSide, sideDoubt, sideObstacle } from './side'

const CONFLICT = { code: 'laterality_conflict', sentence: 'Tag says right, file name says left.' }
const SIDE: Field = {
  key: 'side',
  kind: 'presence',
  label: 'Side',
  help: '',
  required: true,
  sites: [],
  values: ['right', 'left'],
}

function shown(laterality: string, flags: NextCase['case']['flags'] = []): NextCase {
  const next = nextOf(1)
  return {
    ...next,
    case: { ...next.case, laterality, flags },
    form: { ...next.form, fields: [...next.form.fields, SIDE] },
  }
}

const said = (value: string): Answers => ({ side: { state: 'answered', value } })

test('it asks where tag and file name contradict each other, until it is settled', () => {
  const open = { next: shown('', [CONFLICT]), answers: {}, side: '' }
  expect([sideDoubt(open), sideObstacle(open)]).toEqual([
    ['Tag says right', 'file name says left'],
    texts.losses.settleSide,
  ])
  const told = { ...CONFLICT, said: { marker: 'R', 'file name': 'B' } }
  expect(sideDoubt({ ...open, next: shown('', [told]) })).toEqual([
    'Marker says right',
    'File name says both sides',
  ])
  const settled = { ...open, side: 'L' }
  expect([settledSide(settled), sideObstacle(settled)]).toEqual(['L', null])
})

test('it asks where an answer contradicts the case, and holds the settled side against the answer', () => {
  const open = { next: shown('R'), answers: said('left'), side: '' }
  expect(sideDoubt(open)).toEqual(['Answer says left', 'Case says right'])
  expect(sideObstacle({ ...open, side: 'L' })).toBeNull()
  expect(sideObstacle({ ...open, side: 'R' })).toBe(texts.losses.answerAgainstSettled('right'))
})

test('it asks nothing where all agree or nothing is known', () => {
  expect(sideDoubt({ next: shown('R'), answers: said('right'), side: '' })).toBeNull()
  expect(sideDoubt({ next: shown(''), answers: said('left'), side: '' })).toBeNull()
})
