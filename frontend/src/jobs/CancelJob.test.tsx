import { expect, test } from 'vitest'
import type { Job } from '../api/jobs'
import { button, click, show } from '../parts/fixtures'
import { CancelJob } from './CancelJob'

const path = '/api/jobs/7/cancel/'
const dialog = () => document.querySelector('[role="dialog"]')

const jobOf = (kind: string, queue: string): Job =>
  ({ id: 7, kind, queue, state: 'running', cancel_requested: false }) as Job

test('a training is cancelled after one question, which says what is lost', async () => {
  const sent = await show(<CancelJob job={jobOf('training.train', 'train')} />, { [path]: {} })

  await click(button(document, 'Cancel'))
  expect(sent).toEqual([])
  expect(dialog()?.textContent).toContain('Cancel this training?')
  expect(dialog()?.textContent).toContain('learned so far is removed for good')
  await click(button(dialog(), 'Let it go on'))
  expect([sent, dialog()]).toEqual([[], null])

  await click(button(document, 'Cancel'))
  await click(button(dialog(), 'Cancel it'))
  expect([sent, dialog()]).toEqual([[`POST ${path}`], null])
})

test('other work is cancelled at once', async () => {
  const sent = await show(<CancelJob job={jobOf('inference.export', 'default')} />, { [path]: {} })

  await click(button(document, 'Cancel'))
  expect([sent, dialog()]).toEqual([[`POST ${path}`], null])
})
