import { expect, test, vi } from 'vitest'
import type { Card } from '../api/training'
import { button, click, show } from '../parts/fixtures'
import { Download } from './Download'

const card = { id: 9, number: 3, state: 'retired', task: { id: 1 } } as Card

async function fetched(answer: Response): Promise<void> {
  await show(<Download card={card} admin />, { '/api/models/9/weights/': answer })
  await click(button(document, 'Download'))
  await click(button(document, 'Weights (safetensors)'))
}

test('of weights whose file is missing the page says so', async () => {
  const detail = 'The weight file 5f2c… is missing.'
  await fetched(new Response(JSON.stringify({ detail }), { status: 409 }))
  expect(document.querySelector('[role="alert"]')?.textContent).toBe(detail)
})

test('weights that are there are saved under their name', async () => {
  const saved: string[] = []
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    saved.push(this.download)
  })
  await fetched(new Response('weights'))
  expect(saved).toEqual(['task-1-model-3.safetensors'])
  expect(document.querySelector('[role="alert"]')).toBeNull()
})
