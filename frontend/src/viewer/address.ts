import type { ViewerImage } from './types'

export function seriesAddress(image: ViewerImage): string {
  const { study_instance_uid: study, series_instance_uid: series } = image
  return `${location.origin}${image.wado_root}/studies/${study}/series/${series}`
}

export const instanceAddress = (image: ViewerImage): string =>
  `${seriesAddress(image)}/instances/${image.sop_instance_uid}`

/** Cornerstone's name for a frame. A query string in it would break multi-frame objects. */
export const frameId = (image: ViewerImage, frame = 1): string =>
  `wadors:${instanceAddress(image)}/frames/${frame}`

/** The SOP Instance UID of a frame that is named so. */
export const uidOf = (id: string): string => /\/instances\/([^/]+)/.exec(id)?.[1] ?? ''
