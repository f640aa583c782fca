import type { ViewerImage } from './types'

export function instanceAddress(image: ViewerImage): string {
  const parts = [
    'studies',
    image.study_instance_uid,
    'series',
    image.series_instance_uid,
    'instances',
    image.sop_instance_uid,
  ]
  return `${location.origin}${image.wado_root}/${parts.join('/')}`
}

/** Cornerstone's name for a frame. A query string in it would break multi-frame objects. */
export const frameId = (image: ViewerImage): string =>
  `wadors:${instanceAddress(image)}/frames/${image.frame ?? 1}`
