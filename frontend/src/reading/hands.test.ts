import { expect, test } from 'vitest'
import type { CaseImage } from '../api/reading'
import { nextOf } from './fixtures'
import { placeText } from './hands'
import { openCase } from './open'

const image = (of: Partial<CaseImage>): CaseImage =>
  ({ series_instance_uid: 's', number_of_frames: 1, view_position: '', ...of }) as CaseImage

function textsOf(images: CaseImage[]): string[] {
  const next = nextOf(1)
  const named = images.map((one, at) => ({ ...one, sop_instance_uid: `uid-${at}` }))
  const open = openCase({ ...next, case: { ...next.case, images: named } })
  return named.map(({ sop_instance_uid }) => placeText(open, { image: sop_instance_uid, frame: 1 }))
}

test('two radiographs of one series are two views', () => {
  expect(textsOf([image({ view_position: 'AP' }), image({ view_position: 'LATERAL' })])).toEqual([
    'AP',
    'LATERAL',
  ])
})

test('the images of one stack are its slices', () => {
  expect(textsOf([image({}), image({})])).toEqual(['slice 1', 'slice 2'])
})

test('one image alone needs no name', () => {
  expect(textsOf([image({ view_position: 'PA' })])).toEqual([''])
})
