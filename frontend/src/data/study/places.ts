import type { Study, StudyImage, StudySeries } from '../../api/archive'

/** A frame with its image and series: the way through a study leads from one into the next. */
export interface Place {
  series: StudySeries
  image: StudyImage
  frame: number
}

export const placesOf = (study: Study): Place[] =>
  study.series.flatMap((series) =>
    series.instances.flatMap((image) =>
      Array.from({ length: image.number_of_frames }, (_, at) => ({ series, image, frame: at + 1 })),
    ),
  )
