import { expect, test } from 'vitest'
import type { Job } from '../api/jobs'
import type { Task } from '../api/tasks'
import { button, click, show } from '../parts/fixtures'
import { nextOf } from '../reading/fixtures'
import { ComparePage } from './ComparePage'

const path = '/api/models/3/compare/4/'
const task = { id: 1, role: 'admin', form: nextOf(1).form } as Task

const shown = (answers: Record<string, unknown>): Promise<string[]> =>
  show(<ComparePage task={task} one={3} other={4} />, {
    '/api/tasks/1/models/': [],
    ...answers,
  })

const status = () => document.querySelector('[role="status"]')
const jobOf = (state: Job['state']) => ({ job: { state } as Job, result: null })

test('a cancelled comparison is not said to be worked out, and can be asked for again', async () => {
  const sent = await shown({ [path]: jobOf('cancelled') })
  expect(status()?.textContent).toMatch(/^The comparison was cancelled\./)

  await click(button(status(), 'Try again'))
  expect(sent.at(-1)).toBe(`POST ${path} {"again":true}`)
})

test('one under way says so and offers nothing', async () => {
  await shown({ [path]: jobOf('queued') })
  expect(status()?.textContent).toBe('Working it out; this takes a few seconds.')
})
