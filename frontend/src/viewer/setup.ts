import { cache, imageLoader, init as initCore } from '@cornerstonejs/core'
import { init as initLoader } from '@cornerstonejs/dicom-image-loader'
import { load } from './frames'

/** Some 20 detector-sized images, or 400 slices of 512 x 512; the oldest leave first. */
const CACHE_BYTES = 400 * 1024 * 1024
/** One decodes the case ahead, one is free for the case that is asked for now. */
const WORKERS = 2

let ready = false

export function setUp(): void {
  if (ready) return
  // each would cost time and memory of its own, and panes are drawn one after the other anyhow
  initCore({ rendering: { webGlContextCount: 1 }, debug: {} })
  initLoader({ maxWebWorkers: WORKERS })
  imageLoader.registerImageLoader('wadors', load) // in place of the loader's own, which only asks when it can decode
  cache.setMaxCacheSize(CACHE_BYTES)
  ready = true
}
