import { act } from 'react'
import { expect, test } from 'vitest'
import type { Task } from '../api/tasks'
import { button, click, show } from '../parts/fixtures'
import { Starts } from './Starts'

const task = { id: 1, role: 'admin' } as Task
const published = { network: 'resnet18', name: null }

const shown = (takes_weights: boolean, is_staff = true): Promise<string[]> =>
  show(<Starts task={task} />, {
    '/api/me/': { is_staff },
    '/api/tasks/1/encoders/': {
      published,
      takes_weights,
      missing: '',
      own: null,
      weights: [],
      networks: ['resnet18'],
      job: null,
    },
  })

const dialog = () => document.querySelector('[role="dialog"]')

async function choose(megabytes: number): Promise<void> {
  const input = dialog()?.querySelector<HTMLInputElement>('input[type="file"]')
  const file = new File(['weights'], 'w.safetensors')
  Object.defineProperty(file, 'size', { value: megabytes << 20 })
  Object.defineProperty(input, 'files', { value: [file] })
  await act(async () => input?.dispatchEvent(new Event('change', { bubbles: true })))
}

test('a task of volumes offers no weights, which it would refuse', async () => {
  await shown(false)
  expect(document.querySelector('[data-testid="starts-from"] table')).not.toBeNull()
  for (const label of ['Give weights', 'Pre-train']) expect(button(document, label)).toBeUndefined()
})

test('what only staff may send is refused before others send it', async () => {
  await shown(true, false)
  expect(button(document, 'Pre-train')).toBeDefined()
  await click(button(document, 'Give weights'))
  expect(dialog()?.textContent).toContain('at most 16 MB. Larger ones are taken from staff alone')
  await choose(43)
  expect(dialog()?.textContent).toContain('It has more than 16 MB.')
})

test('staff are told their own limit', async () => {
  await shown(true)
  await click(button(document, 'Give weights'))
  expect(dialog()?.textContent).toContain('at most 256 MB. Files of')
  await choose(43)
  expect(dialog()?.textContent).not.toContain('It has more than')
})
