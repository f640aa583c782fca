import { MantineProvider } from '@mantine/core'
import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ChoiceField } from '../api/forms'
import { OptionSearch } from '../kinds/OptionSearch'
import { DiscussDialog } from './DiscussDialog'
import { nextOf } from './fixtures'
import { openCase } from './open'
import { SideBox } from './SideBox'

let root: Root

const show = (page: ReactNode): Promise<void> =>
  act(async () => root.render(<MantineProvider>{page}</MantineProvider>))

const press = (target: EventTarget | null, key: string, more: KeyboardEventInit = {}): boolean =>
  target?.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  ) ?? false

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  Object.assign(document, { fonts: new EventTarget() }) // what grows with its text listens to them
  root = createRoot(document.body.appendChild(document.createElement('div')))
})

afterEach(async () => {
  await act(async () => root.unmount())
  vi.unstubAllGlobals()
})

test('a capital R in a text is a letter and settles no side', async () => {
  const settled: string[] = []
  const next = nextOf(1)
  const flags = [{ code: 'laterality_conflict', sentence: 'Tag says right, file name says left.' }]
  const open = openCase({ ...next, case: { ...next.case, flags } as typeof next.case })
  await show(
    <>
      <SideBox open={open} onSettle={(side) => settled.push(side)} />
      <textarea />
    </>,
  )
  const right = { code: 'KeyR', shiftKey: true }
  expect(press(document.querySelector('textarea'), 'R', right)).toBe(true)
  expect(settled).toEqual([])
  press(document.body, 'R', right)
  expect(settled).toEqual(['R'])
})

test('the Enter that ends a Chinese word sends no note', async () => {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path)
    return new Response('{}')
  })
  const annotation = nextOf(7).annotation
  await show(
    <DiscussDialog annotation={annotation} onClose={() => 0} onFlagged={() => undefined} />,
  )
  const note = document.querySelector('[data-testid="discuss-dialog"] textarea')
  await act(async () => press(note, 'Enter', { isComposing: true }))
  expect(asked).toEqual([])
  await act(async () => press(note, 'Enter'))
  expect(asked).toEqual(['/api/annotations/7/flag/'])
})

test('the Enter that ends a Chinese word chooses no option', async () => {
  const chosen: string[] = []
  const options = ['尺骨', '桡骨'].map((label) => ({ value: label, label, code: null }))
  const field = { key: 'bone', kind: 'choice', label: 'Bone', options } as unknown as ChoiceField
  await show(
    <OptionSearch
      field={field}
      keyCap="/"
      onFound={() => undefined}
      onChoose={(value) => chosen.push(value)}
    />,
  )
  const input = document.querySelector<HTMLInputElement>('[data-search]')
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, '尺')
    input?.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await act(async () => press(input, 'Enter', { isComposing: true }))
  expect(chosen).toEqual([])
  await act(async () => press(input, 'Enter'))
  expect(chosen).toEqual(['尺骨'])
})
