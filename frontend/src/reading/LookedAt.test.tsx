import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test } from 'vitest'
import type { NextCase } from '../api/reading'
import { nextOf } from './fixtures'
import { LookedAt } from './LookedAt'
import { openCase } from './open'

type Image = NextCase['case']['images'][number]

const image = (sop_instance_uid: string, series_instance_uid: string, more: Partial<Image> = {}) =>
  ({
    sop_instance_uid,
    series_instance_uid,
    number_of_frames: 1,
    modality: 'MR',
    plane: '',
    view_position: '',
    series_description: '',
    ...more,
  }) as Image

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

test('it goes to the slice on which the model looked, by the name of its pane and its number there', async () => {
  const fat = { plane: 'sagittal', series_description: 'PD FS' } as const
  const own = ['b', 'c', 'd'].map((uid) => image(uid, 'own', fat))
  const { button, went } = await rendered(shown([image('a', 'other'), ...own], 'c'))
  expect(button?.textContent).toBe('looked at sagittal · PD FS, image 2')
  expect(button?.getAttribute('aria-label')).toBe(
    'Go to sagittal · PD FS, image 2, at which the model looked for “KL grade”',
  )
  button?.click()
  expect(went).toEqual([['c', 1]])
})

test('of several views it says which, and of one stack alone the slice alone', async () => {
  const views = ['PA', 'LATERAL'].map((view_position) =>
    image(view_position, 's', { modality: 'DX', view_position }),
  )
  expect((await rendered(shown(views, 'LATERAL'))).button?.textContent).toBe('looked at LATERAL')
  const stack = ['a', 'b'].map((uid) => image(uid, 's', { plane: 'axial' }))
  expect((await rendered(shown(stack, 'b'))).button?.textContent).toBe('looked at image 2')
  const unnamed = ['a', 'b'].map((uid) => image(uid, uid, { modality: 'DX' }))
  expect((await rendered(shown(unnamed, 'b'))).button?.textContent).toBe('looked at image 2')
})

test('frames of an image are counted as slices are', async () => {
  const frames = [4, 9].map((number_of_frames, at) =>
    image('ab'[at] ?? '', 's', { number_of_frames }),
  )
  const { button } = await rendered(shown(frames, 'b', 3))
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
