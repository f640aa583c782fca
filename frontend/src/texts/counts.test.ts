import { expect, test } from 'vitest'
import { en } from './en'

test('one is told as one', () => {
  const promised = { shown: false, level: 0.9, least_patients: 50, needed: null }
  expect(en.models.promise({ ...promised, patients: 1 })).toMatch(/, and there is 1\.$/)
  expect(en.models.promise({ ...promised, patients: 2 })).toMatch(/, and there are 2\.$/)
  expect(en.models.disagreeWaiting(1)).toBe('1 case more may still be read and stays hidden.')
  expect(en.training.progressOf(0, 1)).toBe('0 of 1 new reference')
})
