import { MantineProvider } from '@mantine/core'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test } from 'vitest'
import type { Answer, NumberField } from '../api/forms'
import { number, unfitNumber } from './number'
import type { InputProps } from './types'

const field: NumberField = {
  key: 'gap',
  kind: 'number',
  label: 'Gap',
  help: '',
  required: false,
  sites: [],
  unit: 'mm',
  minimum: 10,
  maximum: 50,
  step: 1,
}

/** Types into the only number of the page. */
const typed = (text: string): Promise<void> =>
  act(async () => {
    const element = document.querySelector('input')
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(element, text)
    element?.dispatchEvent(new Event('input', { bubbles: true }))
  })

test('what was typed for one read and is no answer yet does not stand in the next', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const given: Answer[] = []
  const host = document.body.appendChild(document.createElement('div'))
  const root = createRoot(host)
  const show = (of: string): Promise<void> =>
    act(async () => {
      const props = { field, of, slot: 'gap', label: 'Gap', look: 'chips', active: true }
      const rest = { proposal: null, laterality: 'R', onPoint: () => undefined, ofItem: true }
      const all = { ...props, ...rest, onAnswer: (answer: Answer) => given.push(answer) }
      root.render(
        <MantineProvider>
          <number.Input {...(all as unknown as InputProps<NumberField>)} />
        </MantineProvider>,
      )
    })
  const input = (): HTMLInputElement | null => host.querySelector('input')

  await show('read 1')
  await typed('1')
  expect(given).toEqual([{ state: 'not_asked', value: null }])
  expect(input()?.value).toContain('1')
  expect(unfitNumber()).toBe(input())
  await typed('12')
  expect(unfitNumber()).toBeNull()
  await typed('99')
  await show('read 2')
  expect(input()?.value).toBe('')
  root.unmount()
})
