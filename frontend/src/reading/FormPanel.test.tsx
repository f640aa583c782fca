import 'fake-indexeddb/auto'
import { MantineProvider } from '@mantine/core'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test } from 'vitest'
import { FormPanel } from './FormPanel'
import { nextOf, Server } from './fixtures'
import { handOf } from './hands'
import { Kept } from './kept'
import { openCase } from './open'
import { ReadingSession } from './session'

const own = { notAssessable: 'u', submit: 'Shift+f' }

test("its reader's own keys stand beside the answers and on the button", async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const host = document.body.appendChild(document.createElement('div'))
  const root = createRoot(host)
  const session = new ReadingSession(1, new Server(1).port(), new Kept(1, 'tab'))
  const more = { hidden: false, place: () => null, onHover: () => undefined }
  const show = (keys: Record<string, string>): Promise<void> =>
    act(async () =>
      root.render(
        <MantineProvider>
          <FormPanel
            open={openCase(nextOf(1))}
            modelHidden={false}
            own={keys}
            troubles={null}
            hand={(open, at) => handOf(session, open, at, { ...more, own: keys })}
            onAnswer={() => undefined}
            onFocusSlot={() => undefined}
            onGo={() => undefined}
            onSubmit={() => undefined}
          />
        </MantineProvider>,
      ),
    )
  const keyOn = (testId: string) =>
    host.querySelector(`[data-testid="${testId}"] kbd`)?.textContent ?? null

  await show({})
  expect([keyOn('option-kl-not-assessable'), keyOn('submit')]).toEqual(['N', '⏎'])
  await show(own)
  expect([keyOn('option-kl-not-assessable'), keyOn('submit')]).toEqual(['U', '⇧F'])
  await act(async () => root.unmount())
})
