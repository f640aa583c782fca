import { expect, test } from 'vitest'
import type { Study, StudyImage } from '../../api/archive'
import { placesOf } from './places'

const image = (uid: string, frames: number) =>
  ({ sop_instance_uid: uid, number_of_frames: frames }) as StudyImage

test('the way through a study passes every frame of every image', () => {
  const study = {
    series: [{ instances: [image('a', 1), image('b', 3)] }, { instances: [image('c', 1)] }],
  } as Study

  const way = placesOf(study).map(({ image, frame }) => `${image.sop_instance_uid}${frame}`)

  expect(way).toEqual(['a1', 'b1', 'b2', 'b3', 'c1'])
})
