import { expect, test } from 'vitest'
import type { Task } from '../api/tasks'
import type { Training } from '../api/training'
import { show } from '../parts/fixtures'
import { countedText, firstText, nextTitle } from './next'
import { Why } from './Why'

const training = (code: string, have: number, of: number): Training => ({
  run: null,
  current: null,
  decision: {
    at: '2026-05-03T10:00:00Z',
    started: false,
    reason: `Because of ${code}.`,
    reason_said: { code, parameters: {} },
  },
  new_references: have,
  retrain_every: of,
  references: have,
  runs: [],
  curve: [],
})

const said = (code: string, have: number, of: number): string[] => {
  const about = training(code, have, of)
  return [nextTitle(about), firstText(about), countedText(about)]
}

test('a training is promised only where one can start', () => {
  expect(said('waits_for_references', 15, 20)).toEqual([
    '5 more references until the next retraining',
    '5 more references start the first one.',
    '15 of 20 new references; 5 more start the next training.',
  ])
  expect(said('run_started', 20, 20)[0]).toMatch('starts by itself within a minute')
  for (const code of ['too_little_to_learn', 'network_without_weights', 'nothing_to_learn'])
    expect(said(code, 20, 20)).toEqual([
      'No training can start yet',
      '',
      'No training can start yet',
    ])
})

test('one reference is told as one', () => {
  expect(said('waits_for_references', 0, 1)).toEqual([
    '1 more reference until the next retraining',
    '1 more reference starts the first one.',
    '0 of 1 new reference; 1 more starts the next training.',
  ])
  expect(said('waits_for_references', 1, 1)[2]).toBe(
    '1 new reference since the last training; 1 is enough.',
  )
})

test('a task that never retrains by itself promises nothing', () => {
  const off = 'Retraining by itself is off for this task; an admin starts it.'
  expect(said('retraining_off', 5, 0)).toEqual([off, 'An admin starts the first one.', off])
  expect(said('nothing_to_learn', 5, 0)[0]).toBe('No training can start yet')
})

test('the title is of the reason, which says since when it holds', async () => {
  const task = { id: 1, role: 'reader' } as Task
  await show(<Why task={task} training={training('too_little_to_learn', 20, 20)} />)
  const page = document.querySelector('[data-testid="why"]')
  expect(page?.textContent).toMatch(
    /^No training can start yetBecause of too_little_to_learn\. Since 3 May.*\.$/,
  )
  expect(page?.querySelector('[role="progressbar"]')).toBeNull()
})
