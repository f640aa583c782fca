import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test } from 'vitest'
import type { NextCase } from '../api/reading'
import { nextOf } from './fixtures'
import { LookedAt } from './LookedAt'
import { openCase } from './open'

type Image = NextCase['case']['images'][number]

const image = (sop_instance_uid: string, series_instance_uid: string, number_of_frames = 1) =>
  ({ sop_instance_uid, series_instance_uid, number_of_frames }) as Image

function shown(images: Image[], at: string, frame = 1) {
  const next = nextOf(1)
  const heatmaps = { kl: { image: at, frame, url: '/heat.png' } }
  return openCase({
    ...next,
    case: { ...next.case, images },
    prediction: next.prediction && { ...next.prediction, heatmaps },
  })
}

async function rendered(open: ReturnType<typeof shown>, hidden = false) {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const host = document.body.appendChild(document.createElement('div'))
  const went: [string, number][] = []
  await act(async () =>
    createRoot(host).render(
      <LookedAt
        open={open}
        slot="kl"
        label="KL grade"
        hidden={hidden}
        onGo={(...place) => went.push(place)}
      />,
    ),
  )
  return { button: host.querySelector('button'), went }
}

test('it goes to the slice on which the model looked, by its number in its series', async () => {
  const stack = [image('a', 'other'), image('b', 'own'), image('c', 'own'), image('d', 'own')]
  const { button, went } = await rendered(shown(stack, 'c'))
  expect(button?.textContent).toBe('looked at image 2')
  button?.click()
  expect(went).toEqual([['c', 1]])
})

test('frames of an image are counted as slices are', async () => {
  const { button } = await rendered(shown([image('a', 's', 4), image('b', 's', 9)], 'b', 3))
  expect(button?.textContent).toBe('looked at image 7')
})

test('there is none for one image alone, or for one that is not here', async () => {
  expect((await rendered(shown([image('a', 's')], 'a'))).button).toBeNull()
  expect((await rendered(shown([image('a', 's'), image('b', 's')], 'gone'))).button).toBeNull()
})

test('it keeps its place while the model is hidden', async () => {
  const { button } = await rendered(shown([image('a', 's'), image('b', 's')], 'b'), true)
  expect(button?.dataset.hidden).toBe('true')
})
