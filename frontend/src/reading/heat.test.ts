import { expect, test } from 'vitest'
import type { NextCase } from '../api/reading'
import { nextOf } from './fixtures'
import { heatOf } from './heat'
import { openCase } from './open'

const map = (image: string) => ({ image, frame: 1, url: `/api/heat/${image}.png` })

function shown(heatmaps?: Record<string, ReturnType<typeof map>>): NextCase {
  const next = nextOf(1)
  const [grade] = next.form.fields
  const image = { sop_instance_uid: 'PA' } as NextCase['case']['images'][number]
  const fields = grade ? [grade, { ...grade, key: 'jsn' }] : []
  return {
    ...next,
    case: { ...next.case, images: [image] },
    form: { ...next.form, fields },
    prediction: next.prediction && { ...next.prediction, ...(heatmaps ? { heatmaps } : {}) },
  }
}

test('it follows the question that has the keys, and shows the first map elsewhere', () => {
  const both = openCase(shown({ kl: map('PA'), jsn: { ...map('PA'), url: '/two.png' } }))
  expect([heatOf(both)?.slot, heatOf({ ...both, activeSlot: 'jsn' })?.map.url]).toEqual([
    'kl',
    '/two.png',
  ])
  const one = openCase(shown({ jsn: map('PA') }))
  expect(heatOf({ ...one, activeSlot: 'kl' })?.slot).toBe('jsn')
})

test('there is none without a prediction, without maps, or of an image that is not here', () => {
  const none = { ...shown({ kl: map('PA') }), prediction: null }
  const all = [openCase(none), openCase(shown()), openCase(shown({ kl: map('lateral') })), null]
  expect(all.map(heatOf)).toEqual([null, null, null, null])
})
