import { expect, test } from 'vitest'
import type { LearningPoint, Training, TrainingRun } from '../api/training'
import { modelNote } from './modelNote'

const run = { id: 1, state: 'running' } as TrainingRun
const point = (model: number) => ({ model }) as LearningPoint

function training(change: Partial<Training> = {}): Training {
  return {
    run,
    current: null,
    decision: null,
    new_references: 0,
    retrain_every: 20,
    references: 60,
    runs: [run],
    curve: [],
    ...change,
  }
}

test('it announces the first training although no case has a proposal yet', () => {
  expect(modelNote(training(), null, false)).toBe('model 1 is learning from your reads')
  expect(modelNote(training({ run: null }), null, false)).toBeNull()
  expect(modelNote(undefined, null, false)).toBeNull()
})

test('it numbers a version after one that the gate refused', () => {
  const refused = training({ curve: [point(1)] })
  expect(modelNote(refused, null, false)).toBe('model 2 is learning from your reads')
})

test('once there is a model it says nothing at a case without a proposal', () => {
  const later = training({ current: 1, curve: [point(1)] })
  expect(modelNote(later, null, false)).toBeNull()
  expect(modelNote(later, 1, false)).toBeNull()
  expect(modelNote(later, null, true)).toBe('model 2 is learning from your reads')
  expect(modelNote({ ...later, run: null }, 1, true)).toBe('model 1 is ready')
})
