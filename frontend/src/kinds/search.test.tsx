import { MantineProvider } from '@mantine/core'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test } from 'vitest'
import type { Answer, ChoiceField } from '../api/forms'
import { choice } from './choice'
import type { InputProps } from './types'

const NAMES = [
  ...['Clavicle', 'Scapula', 'Humerus', 'Radius', 'Ulna', 'Scaphoid', 'Lunate', 'Triquetrum'],
  ...['Pisiform', 'Trapezium', 'Trapezoid', 'Capitate', 'Hamate', 'Other carpal bone', 'Femur'],
  ...['Patella', 'Tibia', 'Fibula', 'Talus', 'Calcaneus', 'Other tarsal bone'],
]
const bones: ChoiceField = {
  key: 'bone',
  kind: 'choice',
  label: 'Bone',
  help: '',
  required: false,
  sites: [],
  options: NAMES.map((label) => ({ value: label.toLowerCase(), label, code: null })),
}

test('every option of a list that is longer than the keys is chosen by its name', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const given: Answer[] = []
  const host = document.body.appendChild(document.createElement('div'))
  const props = { field: bones, slot: 'bone', label: 'Bone', look: 'chips', proposal: null }
  const all = { ...props, items: { searchKey: '/' }, onAnswer: (one: Answer) => given.push(one) }
  await act(async () =>
    createRoot(host).render(
      <MantineProvider>
        <choice.Input {...(all as unknown as InputProps<ChoiceField>)} />
      </MantineProvider>,
    ),
  )
  const input = host.querySelector<HTMLInputElement>('[data-search]')
  const fits = () => host.querySelector('[data-fits="first"]')?.getAttribute('data-testid')
  const type = (text: string) =>
    act(async () => {
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set
      set?.call(input, text)
      input?.dispatchEvent(new Event('input', { bubbles: true }))
    })
  const press = (key: string) =>
    act(async () => {
      input?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    })

  await act(async () => input?.focus())
  await type('tar')
  expect(fits()).toBe('option-bone-other tarsal bone')
  await type('sca')
  expect(fits()).toBe('option-bone-scapula')
  await press('ArrowDown')
  await press('Enter')
  await act(async () => input?.focus())
  await type('xyz')
  await press('Enter')
  expect(given).toEqual([{ state: 'answered', value: 'scaphoid' }])
})
