import { cache, init as initCore } from '@cornerstonejs/core'
import { init as initLoader } from '@cornerstonejs/dicom-image-loader'
import { remember } from './requests'

/** Some 20 detector-sized images, or 400 slices of 512 x 512; the oldest leave first. */
const CACHE_BYTES = 400 * 1024 * 1024
/** The loader's name for its decoding workers. */
export const DECODERS = 'dicomImageLoader'
/** One decodes the case ahead, one is free for the case that is asked for now. */
const WORKERS = 2

let ready = false

export function setUp(): void {
  if (ready) return
  initCore()
  initLoader({
    maxWebWorkers: WORKERS,
    beforeSend: (request, imageId) => remember(request, imageId),
  })
  cache.setMaxCacheSize(CACHE_BYTES)
  ready = true
}
