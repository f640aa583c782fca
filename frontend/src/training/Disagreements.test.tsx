import { beforeEach, expect, test, vi } from 'vitest'
import type { ChoiceField, Field } from '../api/forms'
import type { ComparedSlot, Comparison } from '../api/training'
import { show } from '../parts/fixtures'
import { Disagreements } from './Disagreements'

beforeEach(() => vi.resetModules())

const graft: ChoiceField = {
  key: 'graft',
  kind: 'choice',
  label: 'Graft',
  help: '',
  required: true,
  sites: [],
  options: [
    { value: 'graft_intact', label: 'Intact graft', label_zh: '移植物完整' },
    { value: 'graft_torn', label: 'Torn graft', label_zh: '移植物撕裂' },
  ],
}

const speaking = async (browser: string) => {
  vi.stubGlobal('navigator', { language: browser })
  const { valueSaid } = await import('./Disagreements')
  return (value: unknown, field: Field | undefined, kind = 'choice') =>
    valueSaid(value, kind, field)
}

test('values are said in the words of the form, in the language of the page', async () => {
  const said = await speaking('zh-CN')
  expect(said('graft_intact', graft)).toBe('移植物完整')
  expect(said(['graft_intact', 'graft_torn'], graft)).toBe('移植物完整, 移植物撕裂')
  const presence = { key: 'tear', kind: 'presence', values: ['absent', 'present'] } as Field
  expect(said('present', presence, 'presence')).toBe('有')
})

test('what the form of now does not know stands as it was kept', async () => {
  const said = await speaking('en-GB')
  expect(said('graft_gone', graft)).toBe('graft_gone')
  expect(said([], graft)).toBe('none of these')
  expect(said(2, graft, 'grade')).toBe('2')
  expect(said([{ box: [0, 0, 1, 1] }], undefined, 'boxes')).toBe('1 region')
})

test('the table says them so', async () => {
  const row = { case: 5, name: 'case 5', reference: 'graft_intact', older: 'graft_torn' }
  const slot = { kind: 'choice', disagreements: 1, disagree: [{ ...row, newer: 'graft_intact' }] }
  const of = { older: 1, newer: 2, cases_shown: true } as Comparison
  await show(<Disagreements of={of} slot={slot as unknown as ComparedSlot} field={graft} />)
  const cells = document.querySelectorAll('[data-testid="disagreements"] td')
  expect([...cells].map((cell) => cell.textContent)).toEqual([
    'case 5',
    'Intact graft',
    'Torn graft',
    'Intact graft',
  ])
})
