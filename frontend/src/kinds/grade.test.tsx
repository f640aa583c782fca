import { MantineProvider } from '@mantine/core'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test } from 'vitest'
import type { GradeField } from '../api/forms'
import { texts } from '../texts'
import { grade } from './grade'
import type { InputProps } from './types'

const field: GradeField = {
  key: 'kl',
  kind: 'grade',
  label: 'KL grade',
  help: '',
  required: true,
  sites: [],
  scale: { name: '', version: '', code: null },
  grades: [0, 1, 2].map((value) => ({ value, label: `g${value}`, definition: '', code: null })),
}

async function titles(probabilities: number[]): Promise<(string | null)[]> {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const host = document.body.appendChild(document.createElement('div'))
  const prediction = { kind: 'grade', value: 1, probabilities }
  const props = {
    field,
    slot: 'kl',
    label: 'KL',
    look: 'list',
    items: {},
    onAnswer: () => undefined,
  }
  const all = { ...props, proposal: { model: 2, prediction } } as unknown as InputProps<GradeField>
  await act(async () =>
    createRoot(host).render(
      <MantineProvider>
        <grade.Input {...all} />
      </MantineProvider>,
    ),
  )
  return [...host.querySelectorAll('[data-answer]')].map((one) => one.getAttribute('title'))
}

test('where another grade is likelier than the proposed one, the proposal says why it is that', async () => {
  expect(await titles([0.4, 0.35, 0.25])).toEqual([null, texts.kinds.middle, null, null])
  expect(await titles([0.3, 0.4, 0.3])).toEqual([null, null, null, null])
})
