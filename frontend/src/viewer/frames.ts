import {
  cache,
  eventTarget,
  getWebWorkerManager,
  imageLoader,
  type Types,
} from '@cornerstonejs/core'
import { Silence, unlessSilent } from './patience'
import { underWay } from './requests'
import { DECODERS } from './setup'

/** Without a byte or an answer for so long, a request or a decoder is taken for dead. */
const SILENCE_MS = 20_000
const PROGRESS = 'cornerstoneimageloadprogress'

/** A frame, decoded and in the cache. What fell silent is asked for once more. */
export async function loadFrame(imageId: string): Promise<Types.IImage> {
  try {
    return await patiently(imageId)
  } catch (reason) {
    if (!(reason instanceof Silence)) throw reason
    forget(imageId)
    return await patiently(imageId)
  }
}

function patiently(imageId: string): Promise<Types.IImage> {
  return unlessSilent(imageLoader.loadAndCacheImage(imageId), {
    milliseconds: SILENCE_MS,
    listen: (heard) => {
      const listener = (event: Event): void => {
        if ((event as CustomEvent<{ imageId: string }>).detail.imageId === imageId) heard()
      }
      eventTarget.addEventListener(PROGRESS, listener)
      return () => eventTarget.removeEventListener(PROGRESS, listener)
    },
  })
}

/** The cache would give the same dead promise again. A worker whose script did not come never answers either. */
function forget(imageId: string): void {
  if (cache.getImageLoadObject(imageId)) cache.removeImageLoadObject(imageId, { force: true })
  const request = underWay.get(imageId)
  if (!request) {
    getWebWorkerManager().terminate(DECODERS) // the next frame starts another
    return
  }
  // its connection is wanted, its end no longer: nobody listens to the cache's own promise
  request.onreadystatechange = request.onabort = request.onerror = null
  request.abort()
}
