import { Route, Routes } from 'react-router'
import { expect, test } from 'vitest'
import type { Task } from '../api/tasks'
import { show } from '../parts/fixtures'
import { nextOf } from '../reading/fixtures'
import { CardPage } from './CardPage'
import { ModelsTab } from './ModelsTab'

const { form } = nextOf(1)
const task = { id: 1, role: 'reader', form } as Task
const purpose = { is: 'A grade.', for: [], not_for: [] }

test('what was done to weights is told before there is a model', async () => {
  const given = { id: 1, model: null, weights: 'ImageNet', what: 'uploaded', by: 'Ada', reason: '' }
  await show(
    <Routes>
      <Route path="/" element={<ModelsTab task={task} />} />
    </Routes>,
    {
      '/api/tasks/1/models/': [],
      '/api/tasks/1/models/history/': [{ ...given, at: '2026-05-03T10:00:00Z' }],
    },
  )
  const history = document.querySelector('[data-testid="history"]')
  expect(history?.textContent).toContain('start given')
})

const gate = { passed: true, provisional: true, reason: 'First version.', test_uses: 0 }
const card = {
  id: 9,
  number: 1,
  state: 'current',
  task: { id: 1 },
  gate,
  purpose,
  run: { trigger: 'A test', attempts: 1 },
  ...{ slots: {}, judged: {}, promises: {}, labels: {}, beside: {} },
  ...{ form, test_uses_now: 0, seed: 1 },
}
const shown = (of: object, role = 'reader'): Promise<unknown> =>
  show(<CardPage task={{ ...task, role } as Task} model={9} />, {
    '/api/tasks/1/models/': [],
    '/api/models/9/card/': { ...card, ...of },
  })
const buttons = (): (string | null)[] =>
  [...document.querySelectorAll('button')].map((one) => one.textContent)

test('a current version offers no deletion', async () => {
  await shown({ lost: false }, 'admin')
  expect(buttons()).not.toContain('Delete')
  expect(document.querySelector('[role="status"]')).toBeNull()
})

test('a lost current version offers its deletion', async () => {
  await shown({ lost: true }, 'admin')
  expect(buttons()).toContain('Delete')
  expect(document.querySelector('[role="status"]')?.textContent).toContain('missing or damaged')
})

test('a first version without a test has no bare 0 on its card', async () => {
  await shown({})
  const test = [...document.querySelectorAll('dt')].find((one) => one.textContent === 'Locked test')
  expect(test?.nextElementSibling?.textContent).toMatch(/^ The test has judged 0 versions/)
})
