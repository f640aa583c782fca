import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test } from 'vitest'
import { useKeys } from './useKeys'

const panning: boolean[] = []

function Room(): null {
  useKeys({
    ...{ enabled: true, own: {}, command: () => undefined, digit: () => false },
    holdPan: (on) => panning.push(on),
  })
  return null
}

test('a space bar that is let go while the window is not looked at pans no longer', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  await act(async () => createRoot(document.createElement('div')).render(<Room />))
  window.dispatchEvent(new KeyboardEvent('keydown', { key: ' ' }))
  window.dispatchEvent(new Event('blur'))
  expect(panning).toEqual([true, false])
})
